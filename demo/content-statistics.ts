import { readFile } from 'node:fs/promises';
import { Client } from 'pg';

/** Where to ask one member for its statistics, as the role that salvages: it may read everything and write nothing. */
export type StatisticsSource = {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly credentialsFile: string;
};

const TIMEOUT_MS = 3_000;

/**
 * Blocks of message content this server has read for queries since its statistics began, from its cache or its disk:
 * the table of chunks and what is stored out of line for it. Every server counts for itself, replicas too.
 */
const BLOCKS = `
  SELECT coalesce(sum(heap_blks_read + heap_blks_hit + coalesce(toast_blks_read + toast_blks_hit, 0)), 0)::float8 AS blocks
  FROM pg_statio_all_tables WHERE schemaname = 'mail' AND relname = 'chunk'`;

export async function contentBlocksRead(source: StatisticsSource): Promise<number> {
  const { user, password } = JSON.parse(await readFile(source.credentialsFile, 'utf8')) as {
    user: string;
    password: string;
  };
  const { host, port, database } = source;
  const client = new Client({
    host,
    port,
    database,
    user,
    password,
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
  });
  try {
    await client.connect();
    const { rows } = await client.query<{ blocks: number }>(BLOCKS);
    return rows[0]?.blocks ?? 0;
  } finally {
    await client.end();
  }
}
