import type { AtOnce } from '../repository-access.ts';
import type { MutationRun } from './attempt-mutation.ts';
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

type AtOnceRun<C extends object, T> = Omit<MutationRun<C, T>, 'work' | 'operation'> & Pick<AtOnce<C, T>, 'send'>;

/**
 * The COMMIT is under way from the first octet on. So the lease is asked before anything is sent, and once more when the answer is
 * there, and the session's leaving ends nothing.
 */
export async function attemptAtOnce<C extends object, T>(run: AtOnceRun<C, T>): Promise<AtOnceOutcome<T>> {
  const { driver, connection, term } = run;
  if (!run.mayWrite()) return { kind: 'notDone', cause: new TermOver('the write lease ran out before COMMIT') };
  const sending = driver.sendWhole(connection, () => run.send(connection, term.epoch));
  try {
    const outcome = await patiently(sending, { ...run.limits, left: undefined });
    if (outcome.kind === 'rolledBack') return { kind: 'refused' };
    if (outcome.kind === 'unknown') return outcome;
    if (!run.mayWrite()) return { kind: 'unknown', cause: new TermOver('the write lease ran out during COMMIT') };
    return { kind: 'done', value: outcome.value, repeated: false };
  } catch (cause) {
    return { kind: 'unknown', cause };
  }
}
