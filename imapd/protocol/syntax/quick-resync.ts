import type { QuickResync, SequenceMatch } from '../quick-resync.ts';
import { IdSet } from '../sets/id-set.ts';
import { type SequenceSet, STAR } from '../sets/sequence-set.ts';
import type { Cursor } from './cursor.ts';
import { nonZero, sequenceSet } from './numbers.ts';
import { SyntaxFault } from './syntax-fault.ts';

/** `(uidvalidity modseq [uids] [(numbers uids)])`, behind the name QRESYNC: RFC 7162, 3.2.5 and 7. */
export function quickResync(cursor: Cursor): QuickResync {
  cursor.space();
  cursor.expect('(');
  const uidValidity = nonZero(cursor, 'a UIDVALIDITY');
  cursor.space();
  const modSeq = cursor.modSequence();
  let more = cursor.skip(' ');
  let uids: SequenceSet | null = null;
  if (more && cursor.next !== '(') {
    uids = knownSet(cursor);
    more = cursor.skip(' ');
  }
  const match = more ? sequenceMatch(cursor) : null;
  cursor.expect(')');
  return { uidValidity, modSeq, uids, match };
}

/** What a client knows has no `*` in it. */
function knownSet(cursor: Cursor): SequenceSet {
  const set = sequenceSet(cursor);
  if (set.bounds.includes(STAR)) throw new SyntaxFault('QRESYNC wants numbers and UIDs that are known, no "*"');
  return set;
}

function sequenceMatch(cursor: Cursor): SequenceMatch {
  cursor.expect('(');
  const numbers = ascending(knownSet(cursor));
  cursor.space();
  const uids = ascending(knownSet(cursor));
  cursor.expect(')');
  if (numbers.size !== uids.size) throw new SyntaxFault('QRESYNC wants as many message numbers as UIDs');
  return { numbers, uids };
}

function ascending({ bounds }: SequenceSet): IdSet {
  // The two ends of a range may be one number; the next range begins above.
  const wrong = bounds.some((bound, at) => {
    const before = bounds[at - 1] ?? 0;
    return at % 2 === 1 ? bound < before : bound <= before;
  });
  if (wrong) throw new SyntaxFault('QRESYNC wants message numbers and their UIDs in ascending order');
  return IdSet.ofRanges(bounds);
}
