import type { ClientBase } from 'pg';
import type { AtOnce } from '../repository-access.ts';
import type { MutationRun } from './attempt-mutation.ts';
import { judgeError, watchWarnings } from './commit.ts';
import { patiently, TermOver } from './patience.ts';

/**
 * What is certain after a mutation whose transaction went out as a whole. `refused`: nothing has happened, and why is to be found
 * out step by step (attempt-mutation.ts).
 */
export type AtOnceOutcome<T> =
  | { readonly kind: 'done'; readonly value: T; readonly repeated: false }
  | { readonly kind: 'refused' }
  | { readonly kind: 'notDone'; readonly cause: unknown }
  | { readonly kind: 'unknown'; readonly cause: unknown };

type AtOnceRun<T> = Omit<MutationRun<T>, 'work' | 'operation'> & Pick<AtOnce<ClientBase, T>, 'send'>;

/**
 * The COMMIT is under way from the first octet on. So the lease is asked before anything is sent, and once more when the answer is
 * there, and the session's leaving ends nothing.
 */
export async function attemptAtOnce<T>(run: AtOnceRun<T>): Promise<AtOnceOutcome<T>> {
  const { connection, term } = run;
  if (!run.mayWrite()) return { kind: 'notDone', cause: new TermOver('the write lease ran out before COMMIT') };
  const watch = watchWarnings(connection);
  try {
    const value = await patiently(run.send(connection, term.epoch), { ...run.limits, left: undefined });
    if (watch.warnings.length > 0) return { kind: 'unknown', cause: watch.warnings[0] };
    if (!run.mayWrite()) return { kind: 'unknown', cause: new TermOver('the write lease ran out during COMMIT') };
    return { kind: 'done', value, repeated: false };
  } catch (cause) {
    return judgeError(cause).kind === 'rolledBack' ? { kind: 'refused' } : { kind: 'unknown', cause };
  } finally {
    watch.end();
  }
}
