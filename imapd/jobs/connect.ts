import pg from 'pg';
import { Type } from 'typebox';
import { loadConfiguration } from '#runtime/configuration.ts';
import { dropPrivileges, type RunAs } from '#runtime/privileges.ts';

const Credentials = Type.Object({ user: Type.String({ minLength: 1 }), password: Type.String() });

export type Place = {
  readonly endpoint: { readonly host: string; readonly port: number };
  readonly database: string;
  readonly credentialsFile: string;
};

/** Connections of one job to one member, which are all the load it may be. */
const CONNECTIONS = 4;
const CONNECT_MS = 10_000;

/**
 * Pools for the places, in their order. Files are read first: they may be root's, and `runAs` is obeyed after that.
 * Settings are the member's own; a fence (`default_transaction_read_only`) is never lifted from here.
 */
export async function connectTo(places: readonly Place[], runAs: RunAs | null): Promise<pg.Pool[]> {
  const credentials = await Promise.all(places.map((place) => loadConfiguration(place.credentialsFile, Credentials)));
  dropPrivileges(runAs);
  return places.map(({ endpoint, database }, i) => {
    const pool = new pg.Pool({
      ...endpoint,
      database,
      ...credentials[i],
      max: CONNECTIONS,
      connectionTimeoutMillis: CONNECT_MS,
      application_name: 'imapcluster-job',
      keepAlive: true,
      pipeline: true,
    } as pg.PoolConfig);
    // An idle connection that breaks is replaced by the next use, which fails by itself where nobody answers.
    pool.on('error', (error) => error);
    return pool;
  });
}
