import type { StoredOperation } from '../../operations/stored-operation.ts';
import type { OperationId } from '../../types.ts';
import { type Connection, onlyRow, rows } from '../connection.ts';

/**
 * Stores the result of an operation, as `resultText` gave it, in its own transaction. Send it right before COMMIT.
 * @throws a unique violation (23505) where another transaction has finished the same operation in the meantime: roll back
 * and look it up
 */
export async function recordOperation(tx: Connection, id: OperationId, result: string): Promise<void> {
  await rows(tx, {
    name: 'operation-record',
    text: 'INSERT INTO mail.operation (id, result) VALUES ($1, $2)',
    values: [id, result],
  });
}

/** Both questions at the door of a writing transaction in one round trip: the epoch, and whether the work is done. */
export async function enterOperation(
  tx: Connection,
  id: OperationId,
): Promise<{ readonly epoch: number | null; readonly stored: StoredOperation | null }> {
  const row = await onlyRow<{ epoch: number | null; found: boolean; result: unknown }>(tx, {
    name: 'operation-enter',
    text: `SELECT e.epoch, o.id IS NOT NULL AS found, o.result
      FROM (SELECT max(epoch)::float8 AS epoch FROM imapcluster.repository_epoch) e
      LEFT JOIN mail.operation o ON o.id = $1`,
    values: [id],
  });
  return { epoch: row.epoch, stored: row.found ? { result: row.result } : null };
}
