import type { GrammarCursor } from './grammar-cursor.ts';

const DIGITS = /\d+/y;
const NON_ZERO = /[1-9]\d*/y;
const BITS_32 = 2n ** 32n;
const BITS_63 = 2n ** 63n;

/** An inclusive range of sequence numbers or UIDs, as it was written. */
export type Range = readonly [number, number];

const below = (cursor: GrammarCursor, digits: string, bound: bigint): number => {
  if (BigInt(digits) >= bound) cursor.fail(`a number below ${bound}, not ${digits}`);
  return Number(digits);
};

export const number = (cursor: GrammarCursor): number => below(cursor, cursor.match(DIGITS, 'number'), BITS_32);
export const number64 = (cursor: GrammarCursor): number => below(cursor, cursor.match(DIGITS, 'number64'), BITS_63);
export const nzNumber = (cursor: GrammarCursor): number => below(cursor, cursor.match(NON_ZERO, 'nz-number'), BITS_32);
/** RFC 7162, 7: mod-sequence-value. */
export const modSequence = (cursor: GrammarCursor): number =>
  below(cursor, cursor.match(NON_ZERO, 'mod-sequence-value'), BITS_63);

/** `uid-set`, and what a server may send of `sequence-set`: neither `*` nor `$`. */
export function numberSet(cursor: GrammarCursor): Range[] {
  const ranges: Range[] = [];
  do {
    const from = nzNumber(cursor);
    ranges.push([from, cursor.has(':') ? nzNumber(cursor) : from]);
  } while (cursor.has(','));
  return ranges;
}

/** How many numbers a set names. */
export const sizeOf = (ranges: readonly Range[]): number =>
  ranges.reduce((sum, [from, to]) => sum + Math.abs(to - from) + 1, 0);

/** Every number of a set, in its order. */
export function* numbersOf(ranges: readonly Range[]): Generator<number> {
  for (const [from, to] of ranges) {
    const step = from <= to ? 1 : -1;
    for (let each = from; each !== to + step; each += step) yield each;
  }
}
