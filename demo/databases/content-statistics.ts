import { Client } from 'pg';
import type { Engine } from '#database/engine.ts';
import { openConnection } from '#database/mysql/connection/open-connection.ts';
import { rowsOf } from '#database/mysql/sessions/rows-of.ts';
import { roles } from '#database/roles.ts';
import type { AgentOf } from './agent-of.ts';

const TIMEOUT_MS = 15_000;

/** Where a server counts what it has handed out of each table, to any query, since it started or longer. Storing does not count. */
export const statisticsView: Readonly<Record<Engine, string>> = {
  postgresql: 'pg_stat_all_tables',
  mariadb: 'TABLE_STATISTICS',
  mysql: 'table_io_waits_summary_by_table',
};

const CHUNKS: Readonly<Record<Engine, string>> = {
  postgresql: `
    SELECT coalesce(sum(seq_tup_read + idx_tup_fetch), 0)::float8 AS chunks
    FROM pg_stat_all_tables WHERE schemaname = 'mail' AND relname = 'chunk'`,
  mariadb: `
    SELECT COALESCE(SUM(rows_read), 0) AS chunks
    FROM information_schema.TABLE_STATISTICS WHERE table_schema = ? AND table_name = 'chunk'`,
  mysql: `
    SELECT COALESCE(SUM(count_fetch), 0) AS chunks
    FROM performance_schema.table_io_waits_summary_by_table WHERE object_schema = ? AND object_name = 'chunk'`,
};

/**
 * Chunks of messages (up to 256 KiB each) that one member's server has handed out, by its own count. Every server counts for
 * itself, replicas too. Asked as the agent, which may see everything.
 */
export function contentChunksRead(agent: AgentOf): Promise<number> {
  return agent.engine === 'postgresql' ? readOfPostgres(agent) : readOfMysql(agent);
}

async function readOfPostgres({ engine, server, adminPassword }: AgentOf): Promise<number> {
  const { host, port, database } = server;
  const client = new Client({
    ...{ host, port, database, user: roles.admin, password: adminPassword },
    ...{ connectionTimeoutMillis: TIMEOUT_MS, query_timeout: TIMEOUT_MS },
  });
  try {
    await client.connect();
    const { rows } = await client.query<{ chunks: number }>(CHUNKS[engine]);
    return rows[0]?.chunks ?? 0;
  } finally {
    await client.end();
  }
}

async function readOfMysql({ engine, server, adminPassword }: AgentOf): Promise<number> {
  const connection = await openConnection({
    ...{ endpoint: server, user: roles.admin, password: adminPassword },
    ...{ role: 'monitor', timeoutMs: TIMEOUT_MS },
  });
  try {
    const statement = { name: 'chunks-read', text: CHUNKS[engine], values: [server.database] };
    const [row] = await rowsOf<{ readonly chunks: number }>(connection, statement);
    return row?.chunks ?? 0;
  } finally {
    await connection.end();
  }
}
