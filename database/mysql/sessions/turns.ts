import { orAborted } from '#runtime/or-aborted.ts';
import { settled } from '#runtime/settled.ts';

/** One piece of work at a time, in the order in which they came. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** @throws the signal's reason where it fires before the turn has come */
  async take<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.#last;
    const mine = orAborted(before, signal).then(work);
    // One that is given up while it waits must not let the next one in early.
    this.#last = settled(Promise.allSettled([before, mine]));
    return await mine;
  }
}
