import type { MessageRows } from '../store/types.ts';
import { contains, lowerBound } from './sorted-uids.ts';

/** Room for new messages when a column is full: an eighth, so that a big mailbox stays near its 24 bytes a message. */
const GROWTH = 8;
const SMALLEST_GROWTH = 64;

type Columns = {
  uids: Uint32Array;
  flags: Uint32Array;
  keywordsLow: Uint32Array;
  keywordsHigh: Uint32Array;
  modSeqs: Float64Array;
};

/**
 * Messages of a mailbox as columns in ascending order of UID: what a `MailboxView` knows. Indexes change when rows are
 * inserted or removed, so they are never kept across an await; UIDs are.
 */
export class MessageTable {
  #count: number;
  #columns: Columns;

  /** Takes the arrays over: they must not be used elsewhere any more. */
  constructor(rows: MessageRows) {
    this.#count = rows.count;
    const { uids, flags, keywordsLow, keywordsHigh, modSeqs } = rows;
    this.#columns = { uids, flags, keywordsLow, keywordsHigh, modSeqs };
  }

  get count(): number {
    return this.#count;
  }

  get lastUid(): number {
    return this.#count === 0 ? 0 : this.uidAt(this.#count - 1);
  }

  uidAt(index: number): number {
    return this.#columns.uids[index] ?? 0;
  }

  flagsAt(index: number): number {
    return this.#columns.flags[index] ?? 0;
  }

  keywordsLowAt(index: number): number {
    return this.#columns.keywordsLow[index] ?? 0;
  }

  keywordsHighAt(index: number): number {
    return this.#columns.keywordsHigh[index] ?? 0;
  }

  modSeqAt(index: number): number {
    return this.#columns.modSeqs[index] ?? 0;
  }

  /** Index of the first message with a UID ≥ `uid`. */
  lowerBound(uid: number): number {
    return lowerBound(this.#columns.uids, uid, this.#count);
  }

  /** Index of a message, −1 where it is not in the table. `hint`: where it probably is, in a walk the next index. */
  indexOf(uid: number, hint = 0): number {
    if (hint < this.#count && this.#columns.uids[hint] === uid) return hint;
    const index = this.lowerBound(uid);
    return index < this.#count && this.#columns.uids[index] === uid ? index : -1;
  }

  /** Does the row differ from row `from` of `rows` in anything but its UID? */
  differs(index: number, rows: MessageRows, from: number): boolean {
    const own = this.#columns;
    return (
      own.modSeqs[index] !== rows.modSeqs[from] ||
      own.flags[index] !== rows.flags[from] ||
      own.keywordsLow[index] !== rows.keywordsLow[from] ||
      own.keywordsHigh[index] !== rows.keywordsHigh[from]
    );
  }

  /** Overwrites a row with row `from` of `rows`, which has the same UID. */
  update(index: number, rows: MessageRows, from: number): void {
    const own = this.#columns;
    own.flags[index] = rows.flags[from] ?? 0;
    own.keywordsLow[index] = rows.keywordsLow[from] ?? 0;
    own.keywordsHigh[index] = rows.keywordsHigh[from] ?? 0;
    own.modSeqs[index] = rows.modSeqs[from] ?? 0;
  }

  /** Adds row `from` of `rows`, whose UID is not in the table yet. Cheap at the end, O(n) elsewhere. */
  insert(rows: MessageRows, from: number): void {
    const uid = rows.uids[from] ?? 0;
    if (this.#count === this.#columns.uids.length) this.#reallocate(this.#count + this.#growth());
    const index = uid > this.lastUid ? this.#count : this.lowerBound(uid);
    for (const column of Object.values(this.#columns)) column.copyWithin(index + 1, index, this.#count);
    this.#columns.uids[index] = uid;
    this.#count += 1;
    this.update(index, rows, from);
  }

  /** Removes messages for good. O(n). */
  remove(uids: Uint32Array): void {
    const own = this.#columns;
    const kept = own.uids.subarray(0, this.#count).reduce<number[]>((indexes, uid, index) => {
      if (!contains(uids, uid)) indexes.push(index);
      return indexes;
    }, []);
    for (const column of Object.values(own)) {
      for (const [to, from] of kept.entries()) column[to] = column[from] ?? 0;
    }
    this.#count = kept.length;
    if (this.#count + 2 * this.#growth() < own.uids.length) this.#reallocate(this.#count + this.#growth());
  }

  #growth(): number {
    return Math.max(SMALLEST_GROWTH, Math.floor(this.#count / GROWTH));
  }

  #reallocate(capacity: number): void {
    const own = this.#columns;
    const words = (column: Uint32Array): Uint32Array => {
      const grown = new Uint32Array(capacity);
      grown.set(column.subarray(0, this.#count));
      return grown;
    };
    const modSeqs = new Float64Array(capacity);
    modSeqs.set(own.modSeqs.subarray(0, this.#count));
    this.#columns = {
      uids: words(own.uids),
      flags: words(own.flags),
      keywordsLow: words(own.keywordsLow),
      keywordsHigh: words(own.keywordsHigh),
      modSeqs,
    };
  }
}
