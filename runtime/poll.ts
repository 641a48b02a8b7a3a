import { pause } from '#runtime/deadline.ts';

/** Asks again until the answer is not null. @throws the signal's reason once it fires */
export async function poll<T>(everyMs: number, signal: AbortSignal, ask: () => Promise<T | null>): Promise<T> {
  while (true) {
    signal.throwIfAborted();
    const answer = await ask();
    if (answer !== null) return answer;
    await pause(everyMs, signal);
  }
}
