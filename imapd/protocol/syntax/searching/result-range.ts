import type { ResultRange } from '../../sets/result-range.ts';
import type { Cursor } from '../cursor.ts';
import { nonZero } from '../numbers.ts';

/** partial-range (RFC 9394, 4): `1:500`, or from the end `-1:-100`. */
export function resultRange(cursor: Cursor): ResultRange {
  const fromEnd = cursor.skip('-');
  const from = nonZero(cursor, 'a position such as 1 or -1');
  cursor.expect(':');
  if (fromEnd) cursor.expect('-');
  return { from, to: nonZero(cursor, 'a position above 0'), fromEnd };
}
