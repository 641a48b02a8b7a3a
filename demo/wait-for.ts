import { DeadlineError, pause } from '#runtime/deadline.ts';

export type WaitOptions = {
  readonly what: string;
  readonly withinMs: number;
  readonly everyMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Why it did not come, as far as somebody knows. */
  readonly why?: () => Promise<string>;
};

const EVERY_MS = 50;

/**
 * Asks again and again until the answer is not null.
 * @throws DeadlineError naming what was waited for, after `withinMs` · Error when the signal fires
 */
export async function waitFor<T>(ask: () => Promise<T | null>, options: WaitOptions): Promise<T> {
  const deadline = performance.now() + options.withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (performance.now() > deadline) throw new DeadlineError(await tooLate(options));
    if ((await pause(options.everyMs ?? EVERY_MS, options.signal)) === 'aborted')
      throw new Error(`${options.what}: stopped`);
  }
}

async function tooLate({ what, withinMs, why }: WaitOptions): Promise<string> {
  const reason = await why?.();
  return `${what}: not within ${withinMs / 1000} s${reason ? ` (${reason})` : ''}`;
}
