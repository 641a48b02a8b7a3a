/** Looks at signs of work, and adds up for how long they have stayed the same. */
export class Stall {
  readonly #longestStepMs: number;
  #sign: string | null = null;
  #lookedAt = 0;
  #ms = 0;

  /** @param longestStepMs what one look may add: whoever looks may have been halted with whom it looks at */
  constructor(longestStepMs: number) {
    this.#longestStepMs = longestStepMs;
  }

  /**
   * @param sign null: cannot be told, which counts as work
   * @param now monotonic milliseconds
   * @returns for how many milliseconds nothing has changed
   */
  look(sign: string | null, now: number): number {
    const isSame = sign !== null && sign === this.#sign;
    this.#ms = isSame ? this.#ms + Math.min(now - this.#lookedAt, this.#longestStepMs) : 0;
    this.#sign = sign;
    this.#lookedAt = now;
    return this.#ms;
  }
}
