export type BackOffOptions = {
  readonly firstMs: number;
  readonly capMs: number;
  /** In [0, 1). */
  readonly random: () => number;
};

/**
 * Pauses that double up to a cap. Each is drawn between half of it and the whole, so that those who were turned away
 * together do not come back together.
 */
export class BackOff {
  readonly #options: BackOffOptions;
  #nextMs: number;

  constructor(options: BackOffOptions) {
    this.#options = options;
    this.#nextMs = options.firstMs;
  }

  /** Milliseconds to wait now. */
  next(): number {
    const whole = this.#nextMs;
    this.#nextMs = Math.min(whole * 2, this.#options.capMs);
    return (whole / 2) * (1 + this.#options.random());
  }

  /** It went well: the next pause is the shortest again. */
  reset(): void {
    this.#nextMs = this.#options.firstMs;
  }
}
