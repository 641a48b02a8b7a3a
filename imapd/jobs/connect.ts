import pg from 'pg';
import { type Static, Type } from 'typebox';
import { loadConfiguration } from '#runtime/configuration.ts';
import { DeadlineError, within } from '#runtime/deadline.ts';
import { dropPrivileges, type RunAs } from '#runtime/privileges.ts';
import { isPasswordRefused } from '../routing/postgres/password-refused.ts';

const Credentials = Type.Object({
  user: Type.String({ minLength: 1 }),
  password: Type.String(),
  otherPassword: Type.Optional(Type.String()),
});

export type Place = {
  readonly endpoint: { readonly host: string; readonly port: number };
  readonly database: string;
  readonly credentialsFile: string;
};

/** Connections of one job to one member, which are all the load it may be. */
const CONNECTIONS = 4;
const CONNECT_MS = 10_000;
const NAME = 'imapcluster-job';

/**
 * Pools for the places, in their order. Files are read first: they may be root's, and `runAs` is obeyed after that.
 * Settings are the member's own; a fence (`default_transaction_read_only`) is never lifted from here.
 */
export async function connectTo(places: readonly Place[], runAs: RunAs | null): Promise<pg.Pool[]> {
  const credentials = await Promise.all(places.map((place) => loadConfiguration(place.credentialsFile, Credentials)));
  dropPrivileges(runAs);
  return await Promise.all(
    places.map(async ({ endpoint, database }, i) => {
      const config = { ...endpoint, database, connectionTimeoutMillis: CONNECT_MS, application_name: NAME };
      return await poolOf(config, credentials[i] as Static<typeof Credentials>);
    }),
  );
}

async function poolOf(config: pg.ClientConfig, credentials: Static<typeof Credentials>): Promise<pg.Pool> {
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
async function passwordFor(
  config: pg.ClientConfig,
  { password, otherPassword }: Static<typeof Credentials>,
): Promise<string> {
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
