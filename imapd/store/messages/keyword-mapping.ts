import { assignKeywords, type KeywordBits } from './keywords.ts';

/** Source bit i becomes target bit to[i]. null: the bits mean the same in both. */
export type KeywordMapping = { readonly from: readonly number[]; readonly to: readonly number[] } | null;

/** Copies without keywords. */
export const NO_KEYWORDS: KeywordMapping = { from: [], to: [] };

/** Are all bits of the one mailbox those of the other? Then nothing has to be mapped. */
export const meanTheSame = (from: readonly string[], to: readonly string[]): boolean =>
  from.every((name, bit) => name === to[bit]);

/**
 * Which bits the copies get.
 * @param used bits that the messages have
 */
export function mapBits({
  from,
  to,
  used,
}: {
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly used: bigint;
}): { readonly mapping: KeywordMapping; readonly assigned: KeywordBits } | 'full' {
  const bits = from.map((_, bit) => bit).filter((bit) => (used >> BigInt(bit)) & 1n);
  const assigned = assignKeywords(
    to,
    bits.map((bit) => from[bit] ?? ''),
  );
  return assigned === 'full' ? 'full' : { mapping: { from: bits, to: assigned.bits }, assigned };
}
