/** Work on UIDs in ascending order without repetitions: the shape in which views keep and pass them. */

export const NO_UIDS = new Uint32Array(0);

/** Index of the first element ≥ `uid` among the first `count`; `count` where there is none. O(log n). */
export function lowerBound(uids: Uint32Array, uid: number, count = uids.length): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((uids[middle] ?? 0) < uid) low = middle + 1;
    else high = middle;
  }
  return low;
}

export const contains = (uids: Uint32Array, uid: number): boolean => uids[lowerBound(uids, uid)] === uid;

/** What is in either; one of the arguments itself where the other adds nothing. */
export function union(a: Uint32Array, b: Uint32Array): Uint32Array {
  if (b.length === 0) return a;
  if (a.length === 0) return b;
  const merged = new Uint32Array(a.length + b.length);
  let length = 0;
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const left = a[i] ?? Number.POSITIVE_INFINITY;
    const right = b[j] ?? Number.POSITIVE_INFINITY;
    merged[length] = Math.min(left, right);
    length += 1;
    if (left <= right) i += 1;
    if (right <= left) j += 1;
  }
  return length === a.length ? a : merged.slice(0, length);
}

/** What is in `a` and not in `b`; `a` itself where `b` takes nothing away. */
export function difference(a: Uint32Array, b: Uint32Array): Uint32Array {
  const kept = a.filter((uid) => !contains(b, uid));
  return kept.length === a.length ? a : kept;
}

/** From UIDs in any order. */
export function sortedUids(uids: Iterable<number>): Uint32Array {
  const sorted = Uint32Array.from(uids).sort();
  return sorted.filter((uid, index) => index === 0 || uid !== sorted[index - 1]);
}
