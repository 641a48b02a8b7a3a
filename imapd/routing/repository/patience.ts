import type { Clock } from '../clock.ts';
import { RepositoryUnavailable } from '../repository-access.ts';

/** The term ended under a statement: it is left behind, whatever becomes of it. */
export class TermOver extends Error {
  override readonly name = 'TermOver';
}

/** The member did not answer: perhaps it hangs. */
export class NoAnswerInTime extends RepositoryUnavailable {
  readonly waitedMs: number;

  constructor(waitedMs: number) {
    super('the member did not answer in time');
    this.waitedMs = waitedMs;
  }
}

export type Limits = {
  readonly clock: Clock;
  /** Clock time after which nothing is waited for. */
  readonly deadline: number;
  /** The term of the writer that works for us; absent for a replica. */
  readonly over?: AbortSignal | undefined;
  /** The session; absent once a COMMIT is under way, which nobody may leave alone. */
  readonly left?: AbortSignal | undefined;
};

/**
 * Settles like `work` unless the limits end first; then rejects, and `work` goes on unheard.
 * @throws TermOver · NoAnswerInTime at the deadline · the session's reason for leaving
 */
export async function patiently<T>(work: Promise<T>, limits: Limits): Promise<T> {
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const since = limits.clock.now();
  const over = (): void => reject(new TermOver('a newer routing document ended the term of the writer'));
  const left = (): void => reject(limits.left?.reason);
  const late = (): void => reject(new NoAnswerInTime(limits.clock.now() - since));
  const cancel = limits.clock.after(Math.max(0, limits.deadline - limits.clock.now()), late);
  limits.over?.addEventListener('abort', over, { once: true });
  limits.left?.addEventListener('abort', left, { once: true });
  if (limits.over?.aborted === true) over();
  if (limits.left?.aborted === true) left();
  try {
    return await Promise.race([work, ended]);
  } finally {
    cancel();
    limits.over?.removeEventListener('abort', over);
    limits.left?.removeEventListener('abort', left);
  }
}
