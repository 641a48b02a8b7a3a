import { ServerError } from '#database/mysql/connection/server-error.ts';
import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import { errorCodes } from '#database/mysql/error-codes.ts';
import { lockEpoch, selectEpoch } from '#database/mysql/repository-epoch.ts';
import type { StoredOperation } from '../../operations/stored-operation.ts';
import type { OperationId } from '../../types.ts';
import { type Connection, rows, type Statement } from '../connection.ts';

/** The name by which a refusal tells that it was the operation's row: see `isOperationExists`. */
export const OPERATION_RECORD = 'operation-record';

/** Stores the result of an operation, as `resultText` gave it, in its own transaction. Send it right before COMMIT. */
export const recordOperation = (id: OperationId, result: string): Statement => ({
  name: OPERATION_RECORD,
  text: 'INSERT INTO operation (id, result) VALUES (?, ?)',
  values: [uuidOctets(id), result],
});

/** Another transaction has finished the same operation in the meantime: roll back and look it up. */
export const isOperationExists = (error: unknown): boolean =>
  error instanceof ServerError && error.errno === errorCodes.duplicateKey && error.statement === OPERATION_RECORD;

export const selectOperation = (id: OperationId): Statement => ({
  name: 'operation-find',
  text: 'SELECT result FROM operation WHERE id = ?',
  values: [uuidOctets(id)],
});

/** @param row of `selectOperation` */
export const storedIn = (row: object | null | undefined): StoredOperation | null =>
  row === null || row === undefined ? null : { result: JSON.parse((row as { readonly result: string }).result) };

/** Opens a writing transaction and locks the epoch; both questions at its door in the same round trip. */
export async function beginOperation(
  c: Connection,
  id: OperationId,
): Promise<{ readonly epoch: number | null; readonly stored: StoredOperation | null }> {
  const answers = await c.batch([begin, lockEpoch, selectEpoch, selectOperation(id)]);
  const [, , epoch, operation] = answers.map((answer) => answer.rows[0]);
  return {
    epoch: (epoch as { epoch: number | null }).epoch,
    stored: storedIn(operation),
  };
}

export const begin: Statement = { name: 'begin', text: 'START TRANSACTION' };
export const commit: Statement = { name: 'commit', text: 'COMMIT' };

export async function rollBack(c: Connection): Promise<void> {
  await rows(c, { name: 'rollback', text: 'ROLLBACK' });
}
