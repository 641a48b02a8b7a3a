/**
 * Which of many results are wanted (RFC 9394, 4: partial-range), by their positions from 1 on; `fromEnd`: the last one is 1.
 * `from` and `to` as written, in either order.
 */
export interface ResultRange {
  readonly from: number;
  readonly to: number;
  readonly fromEnd: boolean;
}

/** As a client wrote it: `1:500`, `-1:-100`. */
export function rangeText({ from, to, fromEnd }: ResultRange): string {
  const sign = fromEnd ? '-' : '';
  return `${sign}${from}:${sign}${to}`;
}

/** The part of `count` results that a range names, for `slice`: perhaps shorter than the range, perhaps empty. */
export function sliceOf({ from, to, fromEnd }: ResultRange, count: number): readonly [start: number, end: number] {
  const [low, high] = [Math.min(from, to), Math.max(from, to)];
  const [start, end] = fromEnd ? [count - high, count - low + 1] : [low - 1, high];
  return [Math.min(Math.max(start, 0), count), Math.min(Math.max(end, 0), count)];
}
