import { ServerError } from '#database/mysql/connection/server-error.ts';
import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import { errorCodes } from '#database/mysql/error-codes.ts';
import { lockEpoch } from '#database/mysql/repository-epoch.ts';
import type { OperationId } from '../../types.ts';
import type { Connection, Statement } from '../connection.ts';
import { currentEpoch } from '../epoch-sql.ts';
import { raw, type Sql, sql } from '../sql.ts';
import { begin, commit, OPERATION_RECORD, rollBack } from './operations.ts';
import { sendInPackets } from './packets.ts';

/**
 * A mutation as a whole: one packet, one round trip (but for large octets: packets.ts), one transaction. The server stops at the first
 * statement that it refuses, so COMMIT is not reached, and nothing has happened. Each statement sees what was committed before it began, and the locks
 * stay until the end: first what locks, then what looks.
 *
 * What statements tell each other is in variables of the session (`@box`). They keep their values from one batch to the next, and
 * `SELECT … INTO` leaves them as they are where there is no row: `unset` them first.
 *
 * @param work with an operation's row (`recorded`) behind what must be so, and behind that the SELECTs of the answer
 * @returns the rows of each of them
 * @throws ServerError where nothing has happened, the transaction being rolled back; anything else leaves open what has
 */
export async function sendBatch(c: Connection, work: readonly Statement[]): Promise<readonly unknown[][]> {
  const statements = [begin, lockEpoch, ...work, commit];
  try {
    return (await sendInPackets(c, statements)).slice(2, -1);
  } catch (error) {
    // Whatever becomes of that: where the connection is gone, so is the transaction.
    if (error instanceof ServerError && error.statement !== commit.name) await rollBack(c).catch(() => undefined);
    throw error;
  }
}

/** Variables that what follows may leave alone. */
export const unset = (...variables: readonly `@${string}`[]): Statement => ({
  name: 'unset',
  text: `SET ${variables.map((variable) => `${variable} = NULL`).join(', ')}`,
});

export type Recorded = {
  readonly operation: OperationId;
  /** Of the target in force. */
  readonly epoch: number;
  /** Without it the whole is refused, and the mutation done again step by step, which finds out why. NULL is as good as false. */
  readonly mustBe: Sql;
  /** JSON, as a text: MySQL's functions for JSON give numbers of variables as numbers, MariaDB's as texts. */
  readonly result: Sql;
};

/**
 * The operation's row, which is the guard too: its result may not be NULL, and is NULL where the repository is at another epoch
 * or `mustBe` does not hold. That the operation has happened already is told by its key.
 */
export function recorded({ operation, epoch, mustBe, result }: Recorded): Statement {
  const guarded = sql`IF(${raw(currentEpoch)} = ${epoch} AND (${mustBe}), ${result}, NULL)`;
  const { text, values } = sql`INSERT INTO operation (id, result) SELECT ${uuidOctets(operation)}, ${guarded}`;
  return { name: OPERATION_RECORD, text, values };
}

/** Whether a batch was refused by its guard. For tests: to its sender every refusal is the same. */
export const isGuarded = (error: unknown): boolean =>
  error instanceof ServerError && error.errno === errorCodes.mayNotBeNull && error.statement === OPERATION_RECORD;
