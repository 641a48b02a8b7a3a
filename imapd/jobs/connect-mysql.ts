import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { openConnection } from '#database/mysql/connection/open-connection.ts';
import { isPasswordRefused } from '../routing/mysql/password-refused.ts';
import type { Credentials } from './credentials.ts';
import { CONNECT_MS, JOB_NAME, type Place } from './place.ts';

/** One session, without limits of time; a fence is the server's, and not lifted from here. */
export async function connectMysql(
  { endpoint, database }: Place,
  { user, password, otherPassword }: Credentials,
): Promise<MysqlConnection> {
  const open = (by: string): Promise<MysqlConnection> =>
    openConnection({
      endpoint,
      user,
      password: by,
      database,
      role: 'admin',
      timeoutMs: CONNECT_MS,
      programName: JOB_NAME,
    });
  try {
    return await open(password);
  } catch (error) {
    // While a password is replaced nobody but the database can tell which of two it has by now.
    if (otherPassword === undefined || !isPasswordRefused(error)) throw error;
    return await open(otherPassword);
  }
}
