import { DeadlineError, pause } from '#runtime/deadline.ts';

export type WaitOptions = {
  /** For the message: "node1 Ready". */
  readonly what: string;
  readonly deadlineMs: number;
  readonly everyMs?: number;
  readonly signal?: AbortSignal;
};

/**
 * Asks again and again until the answer is yes. What a question throws counts as no; the last of it is the reason when
 * time is up.
 * @throws DeadlineError
 */
export async function waitFor(question: () => Promise<boolean>, options: WaitOptions): Promise<void> {
  const { what, deadlineMs, everyMs = 100, signal } = options;
  const end = performance.now() + deadlineMs;
  let cause: unknown;
  for (;;) {
    try {
      if (await question()) return;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > end) {
      const why = cause instanceof Error ? `: ${cause.message}` : '';
      throw new DeadlineError(`${what}: not within ${deadlineMs} ms${why}`, { cause });
    }
    if ((await pause(everyMs, signal)) === 'aborted') throw signal?.reason ?? new Error('aborted');
  }
}
