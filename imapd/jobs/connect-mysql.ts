import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { openConnection } from '#database/mysql/connection/open-connection.ts';
import { firstAccepted } from '#database/mysql/sessions/first-accepted.ts';
import type { Credentials } from './credentials.ts';
import { CONNECT_MS, JOB_NAME, type Place } from './place.ts';

/** One session, without limits of time; a fence is the server's, and not lifted from here. */
export async function connectMysql(
  { endpoint, database, tls }: Place,
  { user, password, otherPassword }: Credentials,
): Promise<MysqlConnection> {
  const common = {
    endpoint,
    tls,
    user,
    database,
    role: 'admin',
    timeoutMs: CONNECT_MS,
    programName: JOB_NAME,
  } as const;
  // While a password is replaced nobody but the database can tell which of two it has by now.
  const passwords = otherPassword === undefined ? [password] : [password, otherPassword];
  return await firstAccepted(passwords, (by) => openConnection({ ...common, password: by }));
}
