import { IdSet } from '../../protocol/sets/id-set.ts';

/** Ranges that a session may keep: 1 MiB. A search that finds every other message of a mailbox of 130,000 has as many. */
export const MOST_SAVED_RANGES = 65_536;

/**
 * What a SEARCH found, to be kept by UID: UIDs stay when message numbers move, and those of expunged messages are given to
 * no other message. A range reaches over the gaps between neighbours in the mailbox, which no message will ever fill, so
 * that a search for everything costs one range. null where there are more than `most` (RFC 5182, 2.5).
 */
export function savedUids(
  found: readonly { readonly uid: number; readonly sequence: number }[],
  most = MOST_SAVED_RANGES,
): IdSet | null {
  const bounds: number[] = [];
  let last = 0;
  for (const { uid, sequence } of [...found].sort((a, b) => a.uid - b.uid)) {
    if (bounds.length > 0 && sequence <= last + 1) bounds[bounds.length - 1] = uid;
    else bounds.push(uid, uid);
    last = sequence;
    if (bounds.length > 2 * most) return null;
  }
  return IdSet.ofRanges(bounds);
}
