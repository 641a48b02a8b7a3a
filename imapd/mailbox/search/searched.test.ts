import { expect, test } from 'vitest';
import type { SearchKey } from '../../protocol/searching/search-key.ts';
import { IdSet } from '../../protocol/sets/id-set.ts';
import { SAVED } from '../../protocol/sets/message-set.ts';
import { SequenceSet } from '../../protocol/sets/sequence-set.ts';
import { ModelMailbox } from '../test-support/model-mailbox.ts';
import { selectModel } from '../test-support/model-selection.ts';
import { searched } from './searched.ts';

const uids = (...bounds: readonly number[]): SearchKey => ({ kind: 'uid', set: SequenceSet.ofBounds(bounds) });
const numbers = (...bounds: readonly number[]): SearchKey => ({ kind: 'sequence', set: SequenceSet.ofBounds(bounds) });
const and = (...keys: readonly SearchKey[]): SearchKey => ({ kind: 'and', keys });
const ALL: SearchKey = { kind: 'all' };

/** Messages 2 to 6, numbered 1 to 5; `$` is 4:6. */
function mailbox() {
  const model = new ModelMailbox();
  model.append(6);
  model.expunge([1]);
  return selectModel(model).selected;
}

test.each<[string, SearchKey, number[]]>([
  ['no set', ALL, [2, 3, 4, 5, 6]],
  ['UIDs', and(uids(1, 3), ALL), [2, 3]],
  ['numbers and $', and(numbers(2, 4), { kind: 'uid', set: SAVED }), [4, 5]],
  ['sets in parentheses', and(ALL, and(uids(3, 6), and(numbers(1, 3)))), [3, 4]],
  ['sets within FUZZY', { kind: 'fuzzy', key: and(uids(3, 6), ALL) }, [3, 4, 5, 6]],
  ['what only some of the messages must match', { kind: 'or', left: uids(2, 2), right: ALL }, [2, 3, 4, 5, 6]],
  ['what must not be', { kind: 'not', key: uids(2, 2) }, [2, 3, 4, 5, 6]],
])('a search is about what its sets name: %s', (_, key, expected) => {
  expect(Array.from(searched(key, mailbox(), IdSet.ofRanges([4, 6])).uids)).toEqual(expected);
});
