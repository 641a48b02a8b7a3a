import type { SearchKey } from '../../protocol/searching/search-key.ts';
import type { IdSet } from '../../protocol/sets/id-set.ts';
import { SAVED } from '../../protocol/sets/message-set.ts';
import type { MessageSelection } from '../mailbox-cursor.ts';
import type { SelectedMailbox } from '../selected-mailbox.ts';
import { contains } from '../sorted-uids.ts';

/** The keys all of which a message must match, however they are put in parentheses. */
function* conjuncts(key: SearchKey): Generator<SearchKey> {
  if (key.kind === 'and') for (const inner of key.keys) yield* conjuncts(inner);
  // Sets are matched as they stand there, too.
  else if (key.kind === 'fuzzy') yield* conjuncts(key.key);
  else yield key;
}

/** The messages that a search is about, before it looks at any: of sets that all of it hangs on, what they name. */
export function searched(key: SearchKey, { cursor }: Pick<SelectedMailbox, 'cursor'>, saved: IdSet): MessageSelection {
  let messages = cursor.all();
  for (const each of conjuncts(key)) {
    if (each.kind !== 'uid' && each.kind !== 'sequence') continue;
    const { uids } =
      each.set === SAVED
        ? cursor.selectIds(saved, 'uid')
        : cursor.select(each.set, each.kind === 'uid' ? 'uid' : 'sequence');
    const named = (_: number, at: number): boolean => contains(uids, messages.uids[at] ?? 0);
    messages = { uids: messages.uids.filter(named), sequences: messages.sequences.filter(named) };
  }
  return messages;
}
