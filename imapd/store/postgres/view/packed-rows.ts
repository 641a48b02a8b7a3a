import type { MessageRows } from '../../types.ts';
import { NumberReader } from './number-reader.ts';

/**
 * Messages as PostgreSQL arrays in one row. 160,000 rows of five columns would be 800,000 JavaScript values; so they are
 * texts `{1,2,…}`, read into typed arrays. To be selected FROM a subquery with the columns uid, flags, keywords and modseq in
 * ascending order of UID. Flags and keywords that nobody has set are not sent.
 */
export const packedColumns = `
  count(*)::float8 AS count, array_agg(uid)::text AS uids,
  CASE WHEN bit_or(flags) <> 0 THEN array_agg(flags)::text END AS flags,
  CASE WHEN bit_or(keywords) & ${0x7fffffff} <> 0 THEN array_agg(keywords & ${0x7fffffff})::text END AS keywords_low,
  CASE WHEN bit_or(keywords) >> 31 <> 0 THEN array_agg(keywords >> 31)::text END AS keywords_high,
  array_agg(modseq)::text AS modseqs`;

export type PackedRows = {
  readonly count: number;
  /** null where count is 0, like `modseqs`. */
  readonly uids: string | null;
  /** null where all are 0, like both of the keywords. */
  readonly flags: string | null;
  readonly keywords_low: string | null;
  readonly keywords_high: string | null;
  readonly modseqs: string | null;
};

/** Names of the texts. */
export type PackedColumn = Exclude<keyof PackedRows, 'count'>;
export const packedColumnNames = ['uids', 'flags', 'keywords_low', 'keywords_high', 'modseqs'] as const;

export function unpackRows(packed: PackedRows): MessageRows {
  const unpacking = new Unpacking(packed.count);
  for (const name of packedColumnNames) {
    const text = packed[name];
    if (text !== null) unpacking.read(name, text);
  }
  return unpacking.end();
}

/** Packed messages on their way into typed arrays, which are made once, as large as they will be. */
export class Unpacking {
  readonly #rows: MessageRows;
  readonly #readers: Readonly<Record<PackedColumn, NumberReader>>;
  readonly #seen = new Set<PackedColumn>(['uids', 'modseqs']);

  constructor(count: number) {
    const words = (): Uint32Array => new Uint32Array(count);
    const rows = { count, uids: words(), flags: words(), keywordsLow: words(), keywordsHigh: words() };
    this.#rows = { ...rows, modSeqs: new Float64Array(count) };
    this.#readers = {
      uids: new NumberReader(this.#rows.uids),
      flags: new NumberReader(this.#rows.flags),
      keywords_low: new NumberReader(this.#rows.keywordsLow),
      keywords_high: new NumberReader(this.#rows.keywordsHigh),
      modseqs: new NumberReader(this.#rows.modSeqs),
    };
  }

  /**
   * The text of a column, or its next piece, which begins behind `at` octets of it.
   * @throws RangeError where another piece would be the next
   */
  read(column: PackedColumn, text: string, at = 0): void {
    const reader = this.#readers[column];
    if (at !== reader.octets) throw new RangeError(`${column} goes on at ${at}, not at ${reader.octets}`);
    this.#seen.add(column);
    reader.read(text);
  }

  /** @throws RangeError where a column came, or had to come, and is not whole */
  end(): MessageRows {
    for (const column of this.#seen) this.#readers[column].end();
    return this.#rows;
  }
}

/**
 * Fills `into` from `{1,2,3}`; null is an empty array.
 * @throws RangeError where text and array differ in length
 */
export function readNumbers<A extends Uint32Array | Float64Array>(text: string | null, into: A): A {
  const reader = new NumberReader(into);
  reader.read(text ?? '');
  reader.end();
  return into;
}
