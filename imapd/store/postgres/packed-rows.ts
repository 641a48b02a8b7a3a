import type { MessageRows } from '../types.ts';

/**
 * Messages as five PostgreSQL arrays in one row. 160,000 rows of five columns would be 800,000 JavaScript values; so they
 * are five strings `{1,2,…}`, read digit by digit into typed arrays. To be selected FROM a subquery with the columns uid,
 * flags, keywords and modseq in ascending order of UID.
 */
export const packedColumns = `
  count(*)::float8 AS count, array_agg(uid)::text AS uids, array_agg(flags)::text AS flags,
  array_agg(keywords & ${0x7fffffff})::text AS keywords_low, array_agg(keywords >> 31)::text AS keywords_high,
  array_agg(modseq)::text AS modseqs`;

export type PackedRows = {
  readonly count: number;
  /** null where count is 0, like all others. */
  readonly uids: string | null;
  readonly flags: string | null;
  readonly keywords_low: string | null;
  readonly keywords_high: string | null;
  readonly modseqs: string | null;
};

export function unpackRows(packed: PackedRows): MessageRows {
  const { count } = packed;
  return {
    count,
    uids: readNumbers(packed.uids, new Uint32Array(count)),
    flags: readNumbers(packed.flags, new Uint32Array(count)),
    keywordsLow: readNumbers(packed.keywords_low, new Uint32Array(count)),
    keywordsHigh: readNumbers(packed.keywords_high, new Uint32Array(count)),
    modSeqs: readNumbers(packed.modseqs, new Float64Array(count)),
  };
}

const ZERO = 48;
const NINE = 57;

/**
 * Fills `into` from `{1,2,3}`; null is an empty array.
 * @throws RangeError where text and array differ in length: half a mailbox must never pass for a whole one
 */
export function readNumbers<A extends Uint32Array | Float64Array>(text: string | null, into: A): A {
  let index = 0;
  let value = -1;
  for (let at = 0; at < (text?.length ?? 0); at++) {
    const code = text?.charCodeAt(at) ?? 0;
    if (code >= ZERO && code <= NINE) value = (value < 0 ? 0 : value * 10) + (code - ZERO);
    else if (value >= 0) {
      into[index++] = value;
      value = -1;
    }
  }
  if (index !== into.length) throw new RangeError(`${index} numbers where ${into.length} were announced`);
  return into;
}
