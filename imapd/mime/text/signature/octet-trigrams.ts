/** Octets that stand together in a filter (trigram-filter.ts). */
export const TRIGRAM = 3;

/**
 * Sees every three neighbouring octets of text that arrives in pieces. Each UTF-16 unit is written by itself, a surrogate too, in one to
 * three octets as UTF-8 has them: so a text that is part of another, unit for unit, has only trigrams that the other has.
 */
export class OctetTrigrams {
  readonly #see: (trigram: number) => void;
  #last = 0;
  #octets = 0;

  /** @param see called with each trigram, 24 bits, as often as it is met */
  constructor(see: (trigram: number) => void) {
    this.#see = see;
  }

  write(text: string): void {
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (unit < 0x80) this.#octet(unit);
      else if (unit < 0x800) {
        this.#octet(0xc0 | (unit >> 6));
        this.#octet(0x80 | (unit & 0x3f));
      } else {
        this.#octet(0xe0 | (unit >> 12));
        this.#octet(0x80 | ((unit >> 6) & 0x3f));
        this.#octet(0x80 | (unit & 0x3f));
      }
    }
  }

  /** The text ends: what follows is no neighbour of it. */
  endText(): void {
    this.#octets = 0;
  }

  #octet(octet: number): void {
    this.#last = ((this.#last << 8) | octet) & 0xff_ff_ff;
    this.#octets += 1;
    if (this.#octets >= TRIGRAM) this.#see(this.#last);
  }
}
