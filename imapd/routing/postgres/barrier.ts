import type { ClientBase } from 'pg';

/**
 * Makes the transaction write something that means nothing. Once its COMMIT is acknowledged by the synchronous replicas,
 * so is everything that was committed before it, also what became visible without them (a wait that was cancelled, a
 * primary that came back from a crash). A transaction that wrote nothing would not wait for anybody.
 */
export async function writeBarrier(transaction: ClientBase): Promise<void> {
  await transaction.query("SELECT pg_logical_emit_message(true, 'imapcluster', 'barrier')");
}
