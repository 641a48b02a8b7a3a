import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../ports.ts';

type Sleeper = { readonly at: number; readonly wake: (how: 'elapsed' | 'aborted') => void };

/** Time that passes only when everybody waits for it: hours in milliseconds. */
export class VirtualClock implements Clock {
  #now = 1_000_000;
  readonly #sleepers = new Set<Sleeper>();

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<'elapsed' | 'aborted'> {
    if (signal?.aborted === true) return 'aborted';
    const { promise, resolve } = Promise.withResolvers<'elapsed' | 'aborted'>();
    const sleeper: Sleeper = { at: this.#now + Math.max(1, ms), wake: resolve };
    this.#sleepers.add(sleeper);
    const aborted = (): void => resolve('aborted');
    signal?.addEventListener('abort', aborted, { once: true });
    const how = await promise;
    this.#sleepers.delete(sleeper);
    signal?.removeEventListener('abort', aborted);
    return how;
  }

  /** Lets everything run that can run now, then moves to the next moment somebody waits for. */
  async step(): Promise<void> {
    for (let turn = 0; turn < 4; turn += 1) await setImmediate();
    const next = [...this.#sleepers].toSorted((a, b) => a.at - b.at)[0];
    if (next === undefined) return;
    this.#now = Math.max(this.#now, next.at);
    for (const sleeper of [...this.#sleepers]) if (sleeper.at <= this.#now) sleeper.wake('elapsed');
  }

  /** Steps until `holds`, for at most `ms` of virtual time. Returns whether it came to hold. */
  async until(holds: () => boolean, ms: number): Promise<boolean> {
    const end = this.#now + ms;
    while (!holds()) {
      if (this.#now > end) return false;
      await this.step();
    }
    return true;
  }
}
