import pg from 'pg';
import { verifiedTls } from '#database/tls/verified-tls.ts';
import { DeadlineError, within } from '#runtime/deadline.ts';
import { isPasswordRefused } from '../routing/postgres/password-refused.ts';
import type { Credentials } from './credentials.ts';
import { CONNECT_MS, JOB_NAME, type Place } from './place.ts';

/** Connections of one job to one member, which are all the load it may be. */
const CONNECTIONS = 4;

/** Settings are the member's own; a fence (`default_transaction_read_only`) is never lifted from here. */
export async function connectPostgres({ endpoint, database, tls }: Place, credentials: Credentials): Promise<pg.Pool> {
  const ssl = tls === undefined ? {} : { ssl: verifiedTls(tls, endpoint.host) };
  const config = { ...endpoint, ...ssl, database, connectionTimeoutMillis: CONNECT_MS, application_name: JOB_NAME };
  const { user } = credentials;
  const password = await passwordFor({ ...config, user }, credentials);
  const pool = new pg.Pool({
    ...config,
    user,
    password,
    max: CONNECTIONS,
    keepAlive: true,
    pipeline: true,
  } as pg.PoolConfig);
  // An idle connection that breaks is replaced by the next use, which fails by itself where nobody answers.
  pool.on('error', (error) => error);
  return pool;
}

/** While a password is replaced nobody but the database can tell which of two it has by now. */
async function passwordFor(config: pg.ClientConfig, { password, otherPassword }: Credentials): Promise<string> {
  if (otherPassword === undefined) return password;
  const client = new pg.Client({ ...config, password });
  try {
    await client.connect();
    return password;
  } catch (error) {
    // Whatever else is wrong the job meets by itself.
    return isPasswordRefused(error) ? otherPassword : password;
  } finally {
    // A member that falls silent right now must not hold up the job: nothing is under way on this connection.
    await within(CONNECT_MS, 'ending a connection', client.end()).catch((error: unknown) => {
      if (!(error instanceof DeadlineError)) throw error;
    });
  }
}
