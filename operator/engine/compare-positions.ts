import { compareLsn } from '#database/postgres/lsn.ts';

/** A log position with the history it belongs to. */
export type LogPosition = { readonly timeline: number; readonly received: string };

/**
 * Negative, zero or positive as `a` holds less, the same or more than `b`. A later timeline wins whatever its number: it
 * began on a member that had been elected for holding the most.
 */
export function comparePositions(a: LogPosition, b: LogPosition): number {
  return a.timeline === b.timeline ? compareLsn(a.received, b.received) : a.timeline - b.timeline;
}
