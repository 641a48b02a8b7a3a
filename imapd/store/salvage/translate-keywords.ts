import { assignKeywords, type KeywordBits, keywordMask } from '../messages/keywords.ts';

export type Translated = {
  /** Keywords of the target mailbox afterwards. */
  readonly assigned: KeywordBits;
  /** Bits in the target mailbox, as text, one for each mask given. */
  readonly masks: readonly string[];
};

/**
 * Keyword bits of one mailbox in terms of another's, by name. `extra` is set on every message. A mailbox that cannot take
 * all of them takes what fits, `extra` first: a message is worth more than its last keyword.
 */
export function translateKeywords(
  target: readonly string[],
  source: readonly string[],
  { masks, extra }: { readonly masks: readonly bigint[]; readonly extra: string | null },
): Translated {
  const used = masks.reduce((all, mask) => all | mask, 0n);
  const wanted = source.map((name, bit) => ({ name, bit })).filter(({ bit }) => (used >> BigInt(bit)) & 1n);
  let assigned: KeywordBits = { keywords: target, bits: [], grown: false };
  const bitOf = (name: string): number | null => {
    const next = assignKeywords(assigned.keywords, [name]);
    if (next === 'full') return null;
    assigned = { ...next, grown: assigned.grown || next.grown };
    return next.bits[0] ?? null;
  };
  const always = extra === null ? null : bitOf(extra);
  const bits = wanted.map(({ name, bit }) => ({ from: BigInt(bit), to: bitOf(name) }));
  const translated = masks.map((mask) => {
    const set = bits.flatMap(({ from, to }) => ((mask >> from) & 1n && to !== null ? [to] : []));
    return keywordMask(always === null ? set : [always, ...set]);
  });
  return { assigned, masks: translated };
}
