import type { Clock } from '../../ports.ts';

/** Leadership ended. Whoever gets this stops; nothing was written after the end. */
export class LeadershipLost extends Error {
  override readonly name = 'LeadershipLost';
}

/**
 * The right to write, until a moment that every renewal moves on. It ends by itself: no message has to arrive for that.
 *
 *   renewal sent ────────── deadline ┈┈┈┈┈┈┈┈ lease ends for others
 *        │   `signal` fires here ↑             ↑ earliest moment another may hold it
 *
 * The deadline counts from when the renewal was *sent*, others count from when they saw it written, which is later.
 */
export class Leadership {
  readonly #clock: Clock;
  readonly #ended = new AbortController();
  #deadline: number;

  constructor(clock: Clock, deadline: number) {
    this.#clock = clock;
    this.#deadline = deadline;
  }

  /** Fires when leadership has ended; its reason is LeadershipLost, or that of whoever stopped it. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** Until it ends where nobody moves the end on, ms; not below 0. */
  get leftMs(): number {
    return Math.max(0, this.#deadline - this.#clock.monotonic());
  }

  /** Moves the end on. @param deadline monotonic milliseconds. Returns false where it had ended before. */
  extend(deadline: number): boolean {
    if (!this.isHeld()) return false;
    this.#deadline = deadline;
    return true;
  }

  end(reason: unknown): void {
    this.#ended.abort(reason);
  }

  /**
   * To be asked right before a write: a process that was frozen wakes up in the middle of something, before any of its
   * timers has fired.
   */
  isHeld(): boolean {
    if (!this.signal.aborted && this.#clock.monotonic() >= this.#deadline)
      this.end(new LeadershipLost('the lease could not be renewed in time'));
    return !this.signal.aborted;
  }

  /** @throws LeadershipLost */
  mustBeHeld(): void {
    if (!this.isHeld()) throw new LeadershipLost('not the leader any more', { cause: this.signal.reason });
  }

  /** Ends it when nobody moves the deadline on; returns when it has ended, however. */
  async watch(): Promise<void> {
    while (this.isHeld()) await this.#clock.sleep(this.leftMs, this.signal);
  }
}
