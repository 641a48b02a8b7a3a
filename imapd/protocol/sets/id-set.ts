/**
 * A set of message numbers or UIDs as sorted, disjoint ranges that do not touch: `1:3,7` is `[1, 3, 7, 7]`. Costs a
 * few words per range, however many ids it holds.
 */
export class IdSet implements Iterable<number> {
  static readonly EMPTY = new IdSet([]);

  /** Flat pairs first, last, first, last … (both inclusive). */
  readonly bounds: readonly number[];

  private constructor(bounds: readonly number[]) {
    this.bounds = bounds;
  }

  /** From ids in any order, with repetitions. */
  static of(ids: Iterable<number>): IdSet {
    const sorted = Array.from(ids);
    if (!isAscending(sorted)) sorted.sort((a, b) => a - b);
    const bounds: number[] = [];
    for (const id of sorted) extend(bounds, id, id);
    return new IdSet(bounds);
  }

  /** From flat pairs first ≤ last in any order, which may overlap. */
  static ofRanges(pairs: readonly number[]): IdSet {
    const ranges: [number, number][] = [];
    for (let i = 0; i + 1 < pairs.length; i += 2) ranges.push([pairs[i] ?? 0, pairs[i + 1] ?? 0]);
    ranges.sort((a, b) => a[0] - b[0]);
    const bounds: number[] = [];
    for (const [first, last] of ranges) extend(bounds, first, last);
    return new IdSet(bounds);
  }

  /** How many ids. */
  get size(): number {
    let size = 0;
    for (let i = 0; i < this.bounds.length; i += 2) size += (this.bounds[i + 1] ?? 0) - (this.bounds[i] ?? 0) + 1;
    return size;
  }

  get isEmpty(): boolean {
    return this.bounds.length === 0;
  }

  get first(): number | null {
    return this.bounds[0] ?? null;
  }

  get last(): number | null {
    return this.bounds.at(-1) ?? null;
  }

  /** O(log ranges). */
  has(id: number): boolean {
    let low = 0;
    let high = this.bounds.length / 2 - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      if (id < (this.bounds[2 * middle] ?? 0)) high = middle - 1;
      else if (id > (this.bounds[2 * middle + 1] ?? 0)) low = middle + 1;
      else return true;
    }
    return false;
  }

  /** The id at a position from 0 on, in ascending order; null behind the last. O(ranges). */
  at(position: number): number | null {
    let left = position;
    for (const [first, last] of this.ranges()) {
      if (left <= last - first) return first + left;
      left -= last - first + 1;
    }
    return null;
  }

  /** What is in both. O(ranges). */
  and(other: IdSet): IdSet {
    const bounds: number[] = [];
    let [i, j] = [0, 0];
    while (i < this.bounds.length && j < other.bounds.length) {
      const first = Math.max(this.bounds[i] ?? 0, other.bounds[j] ?? 0);
      const [end, otherEnd] = [this.bounds[i + 1] ?? 0, other.bounds[j + 1] ?? 0];
      const last = Math.min(end, otherEnd);
      if (first <= last) bounds.push(first, last);
      if (end < otherEnd) i += 2;
      else j += 2;
    }
    return new IdSet(bounds);
  }

  /** What is in this set and not among `ids`, which ascend. O(ranges + ids), however many this set holds. */
  without(ids: ArrayLike<number>): IdSet {
    const bounds: number[] = [];
    let at = 0;
    for (const [first, last] of this.ranges()) {
      let from = first;
      while (at < ids.length && (ids[at] ?? 0) < first) at += 1;
      for (; at < ids.length && (ids[at] ?? 0) <= last; at++) {
        const id = ids[at] ?? 0;
        if (id > from) bounds.push(from, id - 1);
        from = id + 1;
      }
      if (from <= last) bounds.push(from, last);
    }
    return new IdSet(bounds);
  }

  *[Symbol.iterator](): Iterator<number> {
    for (const [first, last] of this.ranges()) for (let id = first; id <= last; id++) yield id;
  }

  *ranges(): Generator<readonly [first: number, last: number]> {
    for (let i = 0; i < this.bounds.length; i += 2) yield [this.bounds[i] ?? 0, this.bounds[i + 1] ?? 0];
  }

  /** The shortest IMAP text, ascending: `1:3,7`; the empty string for the empty set. For ESEARCH, COPYUID, VANISHED. */
  toString(): string {
    let text = '';
    for (const [first, last] of this.ranges()) {
      text += text === '' ? first : `,${first}`;
      if (last !== first) text += `:${last}`;
    }
    return text;
  }
}

/** Append a range that begins at or after the last one's beginning; merge what overlaps or touches. */
function extend(bounds: number[], first: number, last: number): void {
  const end = bounds.length - 1;
  const previous = bounds[end];
  if (previous === undefined || first > previous + 1) bounds.push(first, last);
  else if (last > previous) bounds[end] = last;
}

function isAscending(ids: readonly number[]): boolean {
  for (let i = 1; i < ids.length; i++) if ((ids[i - 1] ?? 0) > (ids[i] ?? 0)) return false;
  return true;
}
