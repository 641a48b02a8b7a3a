import { type MessageSet, SAVED } from '../sets/message-set.ts';
import { LARGEST_ID, SequenceSet, STAR } from '../sets/sequence-set.ts';
import type { Cursor } from './cursor.ts';
import { SyntaxFault } from './syntax-fault.ts';

/** sequence-set as RFC 5182, 3 extends it: `$` by itself, or `2,4:7,9,12:*`. */
export const messageSet = (cursor: Cursor): MessageSet => (cursor.skip(SAVED) ? SAVED : sequenceSet(cursor));

/** sequence-set (RFC 3501, 9): `2,4:7,9,12:*`. */
export function sequenceSet(cursor: Cursor): SequenceSet {
  const bounds: number[] = [];
  do {
    const first = sequenceNumber(cursor);
    bounds.push(first, cursor.skip(':') ? sequenceNumber(cursor) : first);
    if (bounds.length > 2 * cursor.limits.sequenceRanges) {
      throw new SyntaxFault(`More than ${cursor.limits.sequenceRanges} ranges in a sequence set`);
    }
  } while (cursor.skip(','));
  return SequenceSet.ofBounds(bounds);
}

/** A set of one: where a command takes a single message number or UID. */
export function oneMessage(cursor: Cursor): SequenceSet {
  const number = sequenceNumber(cursor);
  return SequenceSet.ofBounds([number, number]);
}

const sequenceNumber = (cursor: Cursor): number =>
  cursor.skip('*') ? STAR : nonZero(cursor, 'a message number, UID or "*"');

/** nz-number */
export function nonZero(cursor: Cursor, what: string): number {
  return cursor.next === '0' ? cursor.fail(what) : cursor.number(what, LARGEST_ID);
}
