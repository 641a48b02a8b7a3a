import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { openConnection } from '#database/mysql/connection/open-connection.ts';
import type { Row, Statement } from '#database/mysql/connection/statement.ts';
import { rowsOf } from '#database/mysql/sessions/rows-of.ts';
import { roles } from '#database/roles.ts';
import type { AgentOf } from '#demo/databases/agent-of.ts';
import { serverSocket } from '#member/mysql/server-socket.ts';
import type { Look, Mark, MarkSession } from './marks.ts';

const TIMEOUT_MS = 15_000;
/** Not NOW(): that stands still from the beginning of a statement, and so would be the time before the row was read. */
const CLOCK = 'UNIX_TIMESTAMP(SYSDATE(6)) * 1e3';
const now: Statement = { name: 'clock', text: `SELECT ${CLOCK} AS at` };
const newest: Statement = {
  name: 'look',
  text: `SELECT COALESCE(MAX(n), 0) AS newest, ${CLOCK} AS at FROM bench.mark`,
};

/** A schema of its own: replication takes all there are. */
export async function openMysqlMarks({ server, adminPassword }: AgentOf): Promise<MarkSession> {
  const connection = await openConnection({
    // Only who comes through it may make a schema.
    endpoint: { socketPath: serverSocket(server.socketDirectory, server.port) },
    ...{ user: roles.admin, password: adminPassword },
    ...{ role: 'admin', timeoutMs: TIMEOUT_MS },
  });
  return {
    async prepare() {
      await connection.batch([
        { name: 'schema', text: 'CREATE DATABASE bench' },
        { name: 'table', text: 'CREATE TABLE bench.mark (n BIGINT PRIMARY KEY)' },
      ]);
    },
    write: (n) => write(connection, n),
    async look() {
      const [row] = await rowsOf<Look>(connection, newest);
      if (row === undefined) throw new Error('no answer');
      return row;
    },
    close: () => connection.end(),
  };
}

async function write(connection: MysqlConnection, n: number): Promise<Mark> {
  const answers = await connection.batch([
    now,
    { name: 'begin', text: 'START TRANSACTION' },
    { name: 'mark', text: 'INSERT INTO bench.mark VALUES (?)', values: [n] },
    { name: 'commit', text: 'COMMIT' },
    now,
  ]);
  return { begunAt: timeOf(answers.at(0)?.rows), acknowledgedAt: timeOf(answers.at(-1)?.rows) };
}

const timeOf = (rows: readonly Row[] | undefined): number => Number(rows?.[0]?.at);
