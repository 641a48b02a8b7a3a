/** splitmix32: small, fast, and every seed is a good one. */
const GOLDEN = 0x9e3779b9;

/** Random numbers that a seed and an index decide: the nth input is the same whoever makes it, and in whatever order. */
export class Random {
  #state: number;

  constructor(seed: number, index: number) {
    this.#state = (Math.imul(seed, 0x85ebca6b) ^ Math.imul(index + 1, GOLDEN)) >>> 0;
    this.next();
    this.next();
  }

  /** 32 bits. */
  next(): number {
    this.#state = (this.#state + GOLDEN) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }

  /** 0 … `bound` - 1. */
  below(bound: number): number {
    return this.next() % bound;
  }

  /** Once in `times`. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<T>(from: readonly T[]): T {
    const found = from[this.below(from.length)];
    if (found === undefined) throw new Error('there is nothing to pick from');
    return found;
  }

  octets(length: number): Buffer {
    const octets = Buffer.allocUnsafe(length);
    for (let at = 0; at < length; at++) octets[at] = this.next();
    return octets;
  }
}
