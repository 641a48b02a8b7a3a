import { type InitialFlags, MAX_KEYWORDS } from '../types.ts';

/** Keywords are compared without regard to case (RFC 3501 2.3.2); the first spelling stays. */
const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

export type KeywordBits = {
  /** All keywords of the mailbox, new ones at the end: a bit once given keeps its meaning for ever. */
  readonly keywords: readonly string[];
  /** bits[i] is the bit of names[i]. */
  readonly bits: readonly number[];
  readonly grown: boolean;
};

/** Gives names their bits. 'full' where the mailbox would need more than it can have. */
export function assignKeywords(existing: readonly string[], names: readonly string[]): KeywordBits | 'full' {
  const keywords = [...existing];
  const bits = names.map((name) => {
    const known = keywords.findIndex((keyword) => same(keyword, name));
    return known >= 0 ? known : keywords.push(name) - 1;
  });
  if (keywords.length > MAX_KEYWORDS) return 'full';
  return { keywords, bits, grown: keywords.length > existing.length };
}

/** A number of 62 bits, as text: databases know it whole, JavaScript does not. */
export const keywordMask = (bits: readonly number[]): string =>
  bits.reduce((mask, bit) => mask | (1n << BigInt(bit)), 0n).toString();

type Flagged = { readonly flags: InitialFlags };

export const masksOfNone = (messages: readonly Flagged[]): readonly string[] => messages.map(() => '0');

/** The keywords of new messages: one mask a message, in a mailbox with `existing`. */
export function keywordMasks(
  existing: readonly string[],
  messages: readonly Flagged[],
): { readonly assigned: KeywordBits; readonly masks: readonly string[] } | 'full' {
  const names = namesOf(messages);
  const assigned = assignKeywords(existing, names);
  if (assigned === 'full') return 'full';
  const bitOf = new Map(names.map((name, i) => [name, assigned.bits[i] ?? 0]));
  return {
    assigned,
    masks: messages.map((m) => keywordMask(m.flags.keywords.map((name) => bitOf.get(name) ?? 0))),
  };
}

/** Keywords of messages, each once. */
export const namesOf = (messages: readonly Flagged[]): readonly string[] => [
  ...new Set(messages.flatMap((m) => m.flags.keywords)),
];
