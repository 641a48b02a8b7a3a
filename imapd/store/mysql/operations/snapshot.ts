import { ServerError } from '#database/mysql/connection/server-error.ts';
import type { Connection, Statement } from '../connection.ts';
import { commit, rollBack } from './operations.ts';

/** Of the next transaction alone. */
const repeatable: Statement = { name: 'snapshot', text: 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ' };
const beginReading: Statement = { name: 'begin-reading', text: 'START TRANSACTION READ ONLY' };

/** SELECTs that all see the same, what was committed before the first of them: one round trip. The rows of each that takes none itself. */
export async function snapshot(c: Connection, selects: readonly Statement[]): Promise<readonly unknown[][]> {
  try {
    const answers = await c.batch([repeatable, beginReading, ...selects, commit]);
    return answers.slice(2, -1).map(({ rows }) => rows as unknown[]);
  } catch (error) {
    if (error instanceof ServerError) await rollBack(c).catch(() => undefined);
    throw error;
  }
}
