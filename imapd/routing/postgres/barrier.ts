import type { ClientBase } from 'pg';
import { NotWritable } from '../repository/failure.ts';

/**
 * Makes the transaction write something that means nothing. Once its COMMIT is acknowledged by the synchronous replicas,
 * so is everything that was committed before it, also what became visible without them (a wait that was cancelled, a
 * primary that came back from a crash). A transaction that wrote nothing would not wait for anybody.
 */
export async function writeBarrier(transaction: ClientBase): Promise<void> {
  await transaction.query("SELECT pg_logical_emit_message(true, 'imapcluster', 'barrier')");
}

/**
 * A read-only transaction may write a barrier, for that is no table; a fenced primary is told by its settings.
 * @throws NotWritable
 */
export async function mustBeWritable(transaction: ClientBase): Promise<void> {
  const answer = await transaction.query<{ readonly: boolean }>(
    "SELECT current_setting('transaction_read_only')::boolean AS readonly",
  );
  if (answer.rows[0]?.readonly !== false) throw new NotWritable('the member takes no writes');
}
