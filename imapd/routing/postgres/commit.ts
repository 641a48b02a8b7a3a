import { type ClientBase, DatabaseError } from 'pg';
import type { CommitOutcome, NotCommitted, WholeOutcome } from '../driver.ts';

/**
 * Sends the transaction's last statement and COMMIT right behind it.
 *
 * `unknown` is also a success with a warning: PostgreSQL reports success when the wait for the synchronous replica is
 * cancelled ("canceling wait for synchronous replication", 01000 or 57P01), although the primary alone has the
 * transaction. Or a success without the last statement, which never left the client: the server could not let the
 * transaction fail for it.
 */
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

/** The same of what `send` sends as a whole, COMMIT and all. */
export async function sendWhole<T>(connection: ClientBase, send: () => Promise<T>): Promise<WholeOutcome<T>> {
  const { warnings, end } = watchWarnings(connection);
  try {
    const value = await send();
    return warnings.length === 0 ? { kind: 'committed', value } : { kind: 'unknown', cause: warnings[0] };
  } catch (error) {
    return judgeError(error);
  } finally {
    end();
  }
}

/** What the server says besides its answers, from now until `end`. */
function watchWarnings(connection: ClientBase): { readonly warnings: readonly unknown[]; end(): void } {
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
function judgeError(error: unknown): NotCommitted {
  const certain = error instanceof DatabaseError && error.severity === 'ERROR';
  return { kind: certain ? 'rolledBack' : 'unknown', cause: error };
}
