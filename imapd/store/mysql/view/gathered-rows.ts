import type { Row } from '#database/mysql/connection/statement.ts';
import { octetsPassed } from '../../sweep.ts';
import type { MessageRows } from '../../types.ts';

/** To be selected from `message`: what `GatheredRows` takes. Keywords in two words, for no number has room for them. */
export const messageColumns = `uid, flags, keywords & ${0x7fffffff} AS low, keywords >> 31 AS high, modseq`;

export type MessageColumns = {
  readonly uid: number;
  readonly flags: number;
  readonly low: number;
  readonly high: number;
  readonly modseq: number;
};

/** What a row leaves behind: its packet and the driver's object. */
const OCTETS_A_ROW = 64;
const LEAST = 64;

/** Messages on their way into typed arrays, row by row as they come; the rows themselves are kept nowhere. */
export class GatheredRows {
  #rows: MessageRows;
  #count = 0;

  /** @param expected how many will come, as far as that is known: then the arrays are made once */
  constructor(expected = LEAST) {
    this.#rows = rowsOf(expected);
  }

  /** @param row with `messageColumns`, behind the one before it by UID */
  add(row: Row): void {
    const { uid, flags, low, high, modseq } = row as unknown as MessageColumns;
    if (this.#count === this.#rows.count) this.#rows = resized(this.#rows, Math.max(LEAST, 2 * this.#count));
    const at = this.#count++;
    this.#rows.uids[at] = uid;
    this.#rows.flags[at] = flags;
    this.#rows.keywordsLow[at] = low;
    this.#rows.keywordsHigh[at] = high;
    this.#rows.modSeqs[at] = modseq;
    octetsPassed(OCTETS_A_ROW);
  }

  /** Once all have come. */
  end(): MessageRows {
    return this.#count === this.#rows.count ? this.#rows : resized(this.#rows, this.#count);
  }
}

function rowsOf(count: number): MessageRows {
  const words = (): Uint32Array => new Uint32Array(count);
  const modSeqs = new Float64Array(count);
  return { count, uids: words(), flags: words(), keywordsLow: words(), keywordsHigh: words(), modSeqs };
}

function resized(rows: MessageRows, count: number): MessageRows {
  const resizedTo = rowsOf(count);
  const kept = Math.min(count, rows.count);
  for (const name of ['uids', 'flags', 'keywordsLow', 'keywordsHigh', 'modSeqs'] as const) {
    resizedTo[name].set(rows[name].subarray(0, kept));
  }
  return resizedTo;
}
