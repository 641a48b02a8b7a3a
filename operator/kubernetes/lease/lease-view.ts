/** What of a Lease matters for who leads. */
export type LeaseState = {
  /** '' where it was handed back. */
  readonly holder: string;
  readonly durationMs: number;
  /** Changes with every write of anybody. */
  readonly version: string;
};

/**
 * How long another's lease is to be respected, judged by this process's own clock: from the moment at which *we* first saw
 * its present version. What the holder wrote down as the time is never compared with ours, so that no clock that is wrong
 * elsewhere can make two leaders.
 */
export class LeaseView {
  #state: LeaseState | null = null;
  #seenAt = 0;

  get state(): LeaseState | null {
    return this.#state;
  }

  /** @param now monotonic milliseconds, from after the lease was read: the later, the longer another's right is kept */
  see(state: LeaseState, now: number): void {
    if (this.#state?.version !== state.version) this.#seenAt = now;
    this.#state = state;
  }

  /** Whether `candidate` may write itself into the lease. */
  mayTake(candidate: string, now: number): boolean {
    if (this.#state === null) return false;
    const { holder, durationMs } = this.#state;
    return holder === '' || holder === candidate || now >= this.#seenAt + durationMs;
  }
}
