import type { Clock } from '../../ports.ts';

/** Keys that give way to something else, again and again, but none of them for longer than `longestMs` in a row. */
export class GivingWay {
  readonly #clock: Clock;
  readonly #longestMs: number;
  /** Since when each does, by `Clock.monotonic`. */
  readonly #since = new Map<string, number>();

  constructor(clock: Clock, longestMs: number) {
    this.#clock = clock;
    this.#longestMs = longestMs;
  }

  /** How long it has to wait now, ms, where it should for `wantedMs`; 0: it has its turn. */
  left(key: string, wantedMs: number): number {
    const now = this.#clock.monotonic();
    const since = wantedMs > 0 ? this.#since.getOrInsertComputed(key, () => now) : now;
    const ms = Math.max(0, Math.min(wantedMs, since + this.#longestMs - now));
    if (ms === 0) this.#since.delete(key);
    return ms;
  }

  forget(key: string): void {
    this.#since.delete(key);
  }

  clear(): void {
    this.#since.clear();
  }
}
