import { type ClientBase, DatabaseError } from 'pg';

/**
 * What is known of a transaction once COMMIT has been sent.
 *
 *   committed    acknowledged, the last statement too: on the primary and on as many replicas as the repository promises
 *   rolledBack   the server said that it did not commit
 *   unknown      no answer, or a success with a warning: PostgreSQL reports success when the wait for the synchronous
 *                replica is cancelled ("canceling wait for synchronous replication", 01000 or 57P01), although the
 *                primary alone has the transaction. Or a success without the last statement, which never left the client:
 *                the server could not let the transaction fail for it
 */
export type CommitOutcome =
  | { readonly kind: 'committed' }
  | { readonly kind: 'rolledBack'; readonly cause: unknown }
  | { readonly kind: 'unknown'; readonly cause: unknown };

/** Sends the transaction's last statement and COMMIT right behind it. */
export async function commit(connection: ClientBase, last: () => Promise<unknown>): Promise<CommitOutcome> {
  const { warnings, end } = watchWarnings(connection);
  try {
    const [statement, answer] = await Promise.allSettled([last(), connection.query('COMMIT')]);
    if (answer.status === 'rejected') return judgeError(answer.reason);
    if (answer.value.command !== 'COMMIT') {
      // COMMIT of a transaction that has failed is a ROLLBACK; the failed statement says why.
      return { kind: 'rolledBack', cause: statement.status === 'rejected' ? statement.reason : answer.value.command };
    }
    if (statement.status === 'rejected') return { kind: 'unknown', cause: statement.reason };
    return warnings.length === 0 ? { kind: 'committed' } : { kind: 'unknown', cause: warnings[0] };
  } finally {
    end();
  }
}

/** What the server says besides its answers, from now until `end`. */
export function watchWarnings(connection: ClientBase): { readonly warnings: readonly unknown[]; end(): void } {
  const warnings: unknown[] = [];
  const warned = (notice: unknown): void => {
    warnings.push(notice);
  };
  connection.on('notice', warned);
  return { warnings, end: () => connection.off('notice', warned) };
}

/**
 * ERROR at COMMIT (a deferred constraint, a serialization failure) is a rollback; FATAL may come after the commit. A server
 * that speaks another language writes ERROR otherwise and is looked up without need, which does no harm.
 */
export function judgeError(error: unknown): Exclude<CommitOutcome, { readonly kind: 'committed' }> {
  const certain = error instanceof DatabaseError && error.severity === 'ERROR';
  return { kind: certain ? 'rolledBack' : 'unknown', cause: error };
}
