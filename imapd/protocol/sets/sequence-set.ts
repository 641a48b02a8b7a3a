import { IdSet } from './id-set.ts';

/** `*` in a range: the largest number in use. 0 is free for it, being no message number and no UID. */
export const STAR = 0;

/** Largest message number and UID (RFC 3501, 9: nz-number, 32 bits). */
export const LARGEST_ID = 0xffff_ffff;

/**
 * A sequence-set as a client wrote it: order, overlaps and `*` are kept until `resolve` says what it means in a mailbox.
 */
export class SequenceSet {
  /** Flat pairs as written, `STAR` for `*`: `4:2,*` is `[4, 2, 0, 0]`. */
  readonly bounds: readonly number[];

  private constructor(bounds: readonly number[]) {
    this.bounds = bounds;
  }

  /** @throws RangeError where a bound is neither STAR nor an integer from 1 to 2^32 - 1 */
  static ofBounds(bounds: readonly number[]): SequenceSet {
    const bad = bounds.find((n) => !Number.isInteger(n) || n < 0 || n > LARGEST_ID);
    if (bad !== undefined || bounds.length % 2 !== 0)
      throw new RangeError(`not the bounds of a sequence set: ${bounds}`);
    return new SequenceSet(bounds);
  }

  /**
   * What the set means where `largest` is the largest number in use (0: none is): `*` is `largest`, ranges may be
   * written backwards, and numbers above `largest` fall away. `500:*` with `largest` 42 is therefore 42, as RFC 3501
   * wants it for UIDs.
   */
  resolve(largest: number): IdSet {
    const pairs: number[] = [];
    for (let i = 0; i < this.bounds.length; i += 2) {
      const a = this.bounds[i] || largest;
      const b = this.bounds[i + 1] || largest;
      const first = Math.min(a, b);
      const last = Math.min(Math.max(a, b), largest);
      if (first <= last) pairs.push(first, last);
    }
    return largest === 0 ? IdSet.EMPTY : IdSet.ofRanges(pairs);
  }

  /** Does it name a number above `largest`? For message numbers that is a client's mistake and gets BAD; for UIDs it is none. */
  exceeds(largest: number): boolean {
    return largest === 0 || this.bounds.some((n) => n > largest);
  }

  /** As written: `4:2,*`. */
  toString(): string {
    const ranges: string[] = [];
    const name = (n: number | undefined) => (n === STAR ? '*' : String(n));
    for (let i = 0; i < this.bounds.length; i += 2) {
      const [first, last] = [this.bounds[i], this.bounds[i + 1]];
      ranges.push(first === last ? name(first) : `${name(first)}:${name(last)}`);
    }
    return ranges.join(',');
  }
}
