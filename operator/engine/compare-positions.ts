import { comparePosition, holdsPosition } from '#database/position.ts';

/** A log position with the history it belongs to. */
export type LogPosition = { readonly timeline: number; readonly received: string };

/**
 * Negative, zero or positive as `a` is earlier than, at or later than `b`: an order to choose by. A later timeline wins whatever its
 * number: it began on a member that had been elected for holding the most.
 */
export function comparePositions(a: LogPosition, b: LogPosition): number {
  if (isSame(a, b)) return 0;
  return a.timeline === b.timeline ? comparePosition(a.received, b.received) : a.timeline - b.timeline;
}

/**
 * Whether who stands at `a` has all that there is up to `b`. More than not to be earlier: a server of MySQL that somebody wrote to by
 * itself counts more transactions than another one, and may lack some that the other has.
 */
export const holds = (a: LogPosition, b: LogPosition): boolean =>
  isSame(a, b) || (a.timeline === b.timeline ? holdsPosition(a.received, b.received) : a.timeline > b.timeline);

/** As members that are well mostly are: seen without reading what it says, thousands of times a second. */
const isSame = (a: LogPosition, b: LogPosition): boolean => a.timeline === b.timeline && a.received === b.received;
