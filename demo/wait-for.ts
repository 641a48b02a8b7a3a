import { pause } from '#runtime/deadline.ts';

export type WaitOptions = {
  readonly what: string;
  readonly withinMs: number;
  readonly everyMs?: number;
  readonly signal?: AbortSignal | undefined;
};

const EVERY_MS = 50;

/**
 * Asks again and again until the answer is not null.
 * @throws Error naming what was waited for, after `withinMs` or when the signal fires
 */
export async function waitFor<T>(ask: () => Promise<T | null>, options: WaitOptions): Promise<T> {
  const deadline = performance.now() + options.withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (performance.now() > deadline) throw new Error(`${options.what}: not within ${options.withinMs} ms`);
    if ((await pause(options.everyMs ?? EVERY_MS, options.signal)) === 'aborted')
      throw new Error(`${options.what}: stopped`);
  }
}
