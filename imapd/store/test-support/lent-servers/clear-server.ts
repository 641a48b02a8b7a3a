import pg from 'pg';
import type { MysqlServer } from '#database/mysql/test-support/mysql-server.ts';
import { roles } from '#database/roles.ts';
import { MIGRATED, PORT } from '../postgres-server.ts';

/** Drops all that was made there, under whoever is connected to it. @param host the folder of its socket */
export async function clearPostgres(host: string): Promise<void> {
  const admin = new pg.Client({ host, port: PORT, database: 'postgres', user: roles.admin });
  await admin.connect();
  try {
    const text = "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname NOT IN ('postgres', $1)";
    const { rows } = await admin.query<{ datname: string }>(text, [MIGRATED]);
    for (const { datname } of rows) await admin.query(`DROP DATABASE "${datname}" WITH (FORCE)`);
  } finally {
    await admin.end();
  }
}

const OF_THE_SERVER = "('information_schema', 'mysql', 'performance_schema', 'sys', 'test')";
const NO_SUCH_THREAD = 1094;

/** Ends all sessions, and drops all that was made there. */
export async function clearMysql(server: MysqlServer): Promise<void> {
  const admin = await server.connect();
  try {
    // What they hold no DROP would get.
    const sessions = `SELECT id AS id FROM information_schema.processlist
      WHERE id <> CONNECTION_ID() AND user NOT IN ('system user', 'event_scheduler')`;
    const [others] = await admin.query(sessions);
    for (const { id } of others as { readonly id: number }[]) {
      await admin.query(`KILL ${id}`).catch((error: { readonly errno?: number }) => {
        if (error.errno !== NO_SUCH_THREAD) throw error;
      });
    }
    const [schemas] = await admin.query(
      `SELECT schema_name AS name FROM information_schema.schemata WHERE schema_name NOT IN ${OF_THE_SERVER}`,
    );
    for (const { name } of schemas as { readonly name: string }[]) await admin.query(`DROP DATABASE \`${name}\``);
  } finally {
    await admin.end();
  }
}
