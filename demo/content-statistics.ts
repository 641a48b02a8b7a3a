import { readFile } from 'node:fs/promises';
import { Client } from 'pg';

/** Where to ask one member for its statistics, as the role that salvages: it may read everything and write nothing. */
export type StatisticsSource = {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly credentialsFile: string;
};

const TIMEOUT_MS = 15_000;

/**
 * Chunks of messages (up to 256 KiB each) that this server has handed out to queries since its statistics began. Every
 * server counts for itself, replicas too; storing a chunk does not count.
 */
const CHUNKS = `
  SELECT coalesce(sum(seq_tup_read + idx_tup_fetch), 0)::float8 AS chunks
  FROM pg_stat_all_tables WHERE schemaname = 'mail' AND relname = 'chunk'`;

export async function contentChunksRead(source: StatisticsSource): Promise<number> {
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
    const { rows } = await client.query<{ chunks: number }>(CHUNKS);
    return rows[0]?.chunks ?? 0;
  } finally {
    await client.end();
  }
}
