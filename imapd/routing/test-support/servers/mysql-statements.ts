import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { ServerError } from '#database/mysql/connection/server-error.ts';
import type { Row, Value } from '#database/mysql/connection/statement.ts';
import { errorCodes } from '#database/mysql/error-codes.ts';
import { readReplicaStatus } from '#database/mysql/replication/replica-status.ts';
import type { TestStatements } from '../statements.ts';

const failures = {
  noSpace: { errno: errorCodes.tableFull, sqlState: 'HY000' },
  race: { errno: errorCodes.deadlock, sqlState: '40001' },
} as const;

async function rows(c: MysqlConnection, text: string, values: readonly Value[] = []): Promise<readonly Row[]> {
  const [answer] = await c.batch([{ name: 'test', text, values }]);
  return answer?.rows ?? [];
}

export const mysqlStatements: TestStatements<MysqlConnection> = {
  async mark(c, text) {
    await rows(c, 'INSERT INTO marks VALUES (?)', [text]);
  },
  isMarked: async (c, text) => (await rows(c, 'SELECT 1 FROM marks WHERE id = ?', [text])).length > 0,
  one: async (c) => Number((await rows(c, 'SELECT 1 AS one'))[0]?.one),
  session: async (c) => Number((await rows(c, 'SELECT CONNECTION_ID() AS id'))[0]?.id),
  isReplica: async (c) => (await readReplicaStatus(c)) !== null,
  async nonsense(c) {
    await rows(c, 'SELECT nonsense');
  },
  // SIGNAL is for stored programs alone on neither; but its numbers are not the ones of the servers' own errors.
  async fail(_c, by) {
    throw new ServerError(by, { ...failures[by], at: 0, statement: 'test' });
  },
};
