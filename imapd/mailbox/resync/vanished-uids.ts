import type { SequenceMatch } from '../../protocol/quick-resync.ts';
import { IdSet } from '../../protocol/sets/id-set.ts';
import { LARGEST_ID } from '../../protocol/sets/sequence-set.ts';
import type { Expunges } from '../../store/store.ts';
import type { MailboxCursor } from '../mailbox-cursor.ts';
import { type Known, missedSince } from './known.ts';

/**
 * UIDs for VANISHED (EARLIER): of what a client asks about, that which is gone, as far as it may not know (RFC 7162,
 * 3.2.5 and 3.2.6). Never a message that the session sees; what it sees and others have expunged is told as news.
 *
 * By tombstones where they reach back to what the client knows, and tell of the mailbox as the session sees it. Otherwise
 * (`expunges` null, an unplanned promotion meanwhile) by the complement of what exists, which is always right.
 */
export function vanishedUids(cursor: MailboxCursor, known: Known, expunges: Expunges | null): IdSet {
  const { view } = cursor;
  const whole = missedSince(view.state, known) === 0;
  // What is above UIDNEXT may exist by now, where the view is old for want of a writer.
  const asked = known.uids.resolve(view.state.uidNext - 1);
  // Who saw what was lost with a primary may count otherwise: its numbers prove nothing.
  const open = whole || known.match === null ? asked : asked.and(above(matchedUpTo(cursor, known.match)));
  if (whole || expunges === null || view.isForkedFrom(expunges.state)) {
    return open.without(cursor.select(known.uids, 'uid').uids).without(cursor.untold);
  }
  return IdSet.of(expunges.uids.filter((uid) => cursor.sequenceOf(uid) === 0)).and(open);
}

const above = (uid: number): IdSet => (uid === LARGEST_ID ? IdSet.EMPTY : IdSet.ofRanges([uid + 1, LARGEST_ID]));

/**
 * The largest UID of which a client knows the message number as it is, 0 where there is none: what was below and is gone, it
 * knows to be gone, for numbers only ever fall. So every smaller pair is right where one is, and halving finds the last.
 */
function matchedUpTo(cursor: MailboxCursor, { numbers, uids }: SequenceMatch): number {
  let matched = 0;
  let [low, high] = [0, numbers.size];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const uid = uids.at(middle) ?? 0;
    if (cursor.sequenceOf(uid) === numbers.at(middle)) {
      matched = uid;
      low = middle + 1;
    } else high = middle;
  }
  return matched;
}
