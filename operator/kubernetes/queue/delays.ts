import type { Clock } from '../../ports.ts';

type Delay = { readonly at: number; readonly cancelled: AbortController };

/** Alarms, one a key: of several the earliest. */
export class Delays {
  readonly #clock: Clock;
  readonly #due: (key: string) => void;
  readonly #delays = new Map<string, Delay>();

  constructor(clock: Clock, due: (key: string) => void) {
    this.#clock = clock;
    this.#due = due;
  }

  set(key: string, ms: number): void {
    const at = this.#clock.monotonic() + ms;
    const present = this.#delays.get(key);
    if (present !== undefined && present.at <= at) return;
    this.cancel(key);
    const delay = { at, cancelled: new AbortController() };
    this.#delays.set(key, delay);
    void this.#wait(key, ms, delay);
  }

  cancel(key: string): void {
    this.#delays.get(key)?.cancelled.abort();
    this.#delays.delete(key);
  }

  clear(): void {
    for (const key of [...this.#delays.keys()]) this.cancel(key);
  }

  async #wait(key: string, ms: number, delay: Delay): Promise<void> {
    await this.#clock.sleep(ms, delay.cancelled.signal);
    // It may have been cancelled, and another set, in the very turn in which it ran out.
    if (this.#delays.get(key) !== delay) return;
    this.#delays.delete(key);
    this.#due(key);
  }
}
