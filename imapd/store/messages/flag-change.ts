import { type FlagChange, MAX_KEYWORDS, type ModSeq } from '../types.ts';
import { assignKeywords, type KeywordBits, keywordMask } from './keywords.ts';

/** What is stored of an outcome. The rows are not: they would be megabytes, and can be read again. */
export type StoredFlags = {
  readonly kind: 'stored';
  readonly modSeq: ModSeq;
  readonly keywords: readonly string[];
  readonly modified: string;
};

/** Taking away a keyword that the mailbox does not know needs no new bit. */
export function keywordsFor(existing: readonly string[], { mode, keywords }: FlagChange): KeywordBits | 'full' {
  if (mode !== 'remove') return assignKeywords(existing, keywords);
  const known = new Set(existing.map((name) => name.toLowerCase()));
  return assignKeywords(
    existing,
    keywords.filter((name) => known.has(name.toLowerCase())),
  );
}

/** Bits of a message: `keywords` as `keywordMask` gives them. */
export type FlagMask = { readonly flags: number; readonly keywords: string };

/** What is cleared first, and what is set then. @param bits of the keywords that the change names */
export function flagMasks(
  { mode, system, within }: FlagChange,
  bits: readonly number[],
): { readonly clear: FlagMask; readonly set: FlagMask } {
  const named = { flags: system, keywords: keywordMask(bits) };
  if (mode === 'add') return { clear: NOTHING, set: named };
  if (mode === 'remove') return { clear: named, set: NOTHING };
  const keywords = within?.keywords === false ? NOTHING.keywords : ALL.keywords;
  return { clear: { flags: within?.system ?? ALL.flags, keywords }, set: named };
}

const NOTHING: FlagMask = { flags: 0, keywords: '0' };
/** `flags`: of the column. */
const ALL: FlagMask = { flags: 0x7fff, keywords: (2n ** BigInt(MAX_KEYWORDS) - 1n).toString() };
