import { Client, type QueryResult } from 'pg';
import { roles } from '#database/roles.ts';
import type { AgentOf } from '#demo/databases/agent-of.ts';
import type { Look, Mark, MarkSession } from './marks.ts';

const TIMEOUT_MS = 15_000;
const CLOCK = 'extract(epoch FROM clock_timestamp())::float8 * 1000';
/** The clock is read behind the row. */
const LOOK = { name: 'look', text: `SELECT coalesce(max(n), 0)::float8 AS newest, ${CLOCK} AS at FROM bench.mark` };

/** Outside of what holds mail, in the same database, so in the same log. */
export async function openPostgresMarks({ server, adminPassword }: AgentOf): Promise<MarkSession> {
  const { host, port, database } = server;
  const client = new Client({
    ...{ host, port, database, user: roles.admin, password: adminPassword },
    ...{ connectionTimeoutMillis: TIMEOUT_MS, query_timeout: TIMEOUT_MS },
  });
  // Whatever is under way rejects.
  client.on('error', () => undefined);
  await client.connect();
  return {
    async prepare() {
      await client.query('CREATE SCHEMA bench; CREATE TABLE bench.mark (n bigint PRIMARY KEY)');
    },
    write: (n) => write(client, n),
    async look() {
      const [row] = (await client.query<Look>(LOOK)).rows;
      if (row === undefined) throw new Error('no answer');
      return row;
    },
    close: () => client.end(),
  };
}

async function write(client: Client, n: number): Promise<Mark> {
  const text = [
    `SELECT ${CLOCK} AS at`,
    'BEGIN READ WRITE',
    `INSERT INTO bench.mark VALUES (${n})`,
    'COMMIT',
    `SELECT ${CLOCK} AS at`,
  ].join(';');
  const answers = (await client.query(text)) as unknown as readonly QueryResult<{ readonly at: number }>[];
  const [begunAt = Number.NaN, acknowledgedAt = Number.NaN] = answers.flatMap(({ rows }) => rows.map(({ at }) => at));
  return { begunAt, acknowledgedAt };
}
