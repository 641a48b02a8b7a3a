export type TokenBucketOptions = {
  /** So many at once. */
  readonly burst: number;
  /** One more after so long. */
  readonly refillMs: number;
};

/** So many at once, and after that so many in a time. `now` is monotonic milliseconds. */
export class TokenBucket {
  readonly #options: TokenBucketOptions;
  #tokens: number;
  #at: number;

  constructor(options: TokenBucketOptions, now: number) {
    this.#options = options;
    this.#tokens = options.burst;
    this.#at = now;
  }

  take(now: number): boolean {
    const { burst, refillMs } = this.#options;
    this.#tokens = Math.min(burst, this.#tokens + (now - this.#at) / refillMs);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Full again: as good as a new one. */
  isFull(now: number): boolean {
    return this.#tokens + (now - this.#at) / this.#options.refillMs >= this.#options.burst;
  }
}
