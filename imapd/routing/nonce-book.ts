import type { Clock } from './clock.ts';

/** Nonces kept at most: a heartbeat comes each second, an older answer grants no lease worth having. */
const KEPT = 64;

/**
 * The nonces of this process's heartbeat answers and when each was issued. An echo tells since when the operator has
 * known that this process is there. The same echo again (its answer was lost) tells the same and so grants nothing more.
 */
export class NonceBook {
  readonly #issued = new Map<string, number>();
  readonly #clock: Clock;
  readonly #random: () => string;

  constructor(clock: Clock, random: () => string) {
    this.#clock = clock;
    this.#random = random;
  }

  issue(): string {
    const nonce = this.#random();
    this.#issued.set(nonce, this.#clock.now());
    const oldest = this.#issued.keys().next();
    if (this.#issued.size > KEPT && oldest.done !== true) this.#issued.delete(oldest.value);
    return nonce;
  }

  /** When the echoed nonce was issued; null for one that is unknown or too old. */
  issuedAt(echo: string): number | null {
    return this.#issued.get(echo) ?? null;
  }
}
