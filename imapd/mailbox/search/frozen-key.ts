import type { SearchKey } from '../../protocol/searching/search-key.ts';
import type { IdSet } from '../../protocol/sets/id-set.ts';
import { type MessageSet, SAVED } from '../../protocol/sets/message-set.ts';
import { LARGEST_ID, SequenceSet, STAR } from '../../protocol/sets/sequence-set.ts';
import type { SelectedMailbox } from '../selected-mailbox.ts';
import { MOST_SAVED_RANGES, savedUids } from './saved-search.ts';

/** The messages of a session, and what `$` stands for. */
type Naming = Pick<SelectedMailbox, 'cursor'> & { readonly saved: IdSet };

const NOTHING: SearchKey = { kind: 'not', key: { kind: 'all' } };

/**
 * A search key as it is meant at this moment, for searches that are kept up (RFC 5267, 4.3): message numbers and `$` stand for
 * the messages that they name now, and `*` for the largest UID of now or for any later one. null where that cannot be kept.
 */
export function frozenKey(key: SearchKey, naming: Naming): SearchKey | null {
  const { cursor, saved } = naming;
  switch (key.kind) {
    case 'sequence':
      return key.set === SAVED ? ofUids(saved.bounds) : numbered(key.set, cursor);
    case 'uid':
      return key.set === SAVED ? ofUids(saved.bounds) : ofUids(settled(key.set, cursor.largestUid));
    case 'not': {
      const inner = frozenKey(key.key, naming);
      return inner === null ? null : { kind: 'not', key: inner };
    }
    case 'fuzzy': {
      const inner = frozenKey(key.key, naming);
      return inner === null ? null : { kind: 'fuzzy', key: inner };
    }
    case 'or': {
      const [left, right] = [frozenKey(key.left, naming), frozenKey(key.right, naming)];
      return left === null || right === null ? null : { kind: 'or', left, right };
    }
    case 'and': {
      const keys = key.keys.map((inner) => frozenKey(inner, naming)).filter((inner) => inner !== null);
      return keys.length < key.keys.length ? null : { kind: 'and', keys };
    }
    // What only time makes true or false is nobody's change.
    case 'age':
      return null;
    default:
      return key;
  }
}

const ofUids = (bounds: readonly number[]): SearchKey =>
  bounds.length === 0 ? NOTHING : { kind: 'uid', set: SequenceSet.ofBounds(bounds) };

function numbered(set: Exclude<MessageSet, typeof SAVED>, cursor: Naming['cursor']): SearchKey | null {
  const { uids, sequences } = cursor.select(set, 'sequence');
  const named = Array.from(uids, (uid, at) => ({ uid, sequence: sequences[at] ?? 0 }));
  const kept = savedUids(named, MOST_SAVED_RANGES);
  return kept === null ? null : ofUids(kept.bounds);
}

/** `n:*` goes on with what arrives; `*` alone, and what lies above, is the largest of now (RFC 3501, 6.4.8). */
function settled({ bounds }: SequenceSet, largest: number): readonly number[] {
  const pairs: number[] = [];
  for (let i = 0; i < bounds.length; i += 2) {
    const [a = 0, b = 0] = [bounds[i], bounds[i + 1]];
    if (a !== STAR && b !== STAR) pairs.push(a, b);
    const from = Math.max(a, b);
    if (a !== STAR && b !== STAR) continue;
    if (largest > 0) pairs.push(largest, largest);
    if (from !== STAR) pairs.push(from, LARGEST_ID);
  }
  return pairs;
}
