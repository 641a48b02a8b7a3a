import { frozenKey } from '../../mailbox/search/frozen-key.ts';
import { noUpdate } from '../../mailbox/search/quoted-tag.ts';
import { savedUids } from '../../mailbox/search/saved-search.ts';
import { MOST_CONTEXT_RANGES } from '../../mailbox/search/search-context.ts';
import { SelectedMailbox } from '../../mailbox/selected-mailbox.ts';
import type { Search, Sort } from '../../protocol/command.ts';
import type { CommandContext } from '../command-handler.ts';
import { bad, type Completion } from '../completion.ts';
import type { FoundMessages } from './find-messages.ts';

export type KeepUpLimits = {
  /** Searches of one session that are kept up. */
  readonly maxContexts: number;
  /** New messages of which more may wait to be told. */
  readonly maxNotifications: number;
};

/** What was found, and what `$` was then: SAVE has changed it since. */
type Searched = Pick<FoundMessages, 'found' | 'saved'>;

/** RFC 5267, 4.3: the client could not tell two of one tag apart. null where there is no such mistake. */
export function tagInUse({ returns }: Pick<Search, 'returns'>, { tag, session }: CommandContext): Completion | null {
  if (returns?.update !== true || !SelectedMailbox.of(session).contexts.has(tag)) return null;
  return bad('A search of this tag is kept up', 'CLIENTBUG');
}

/** Carries out UPDATE (RFC 5267, 4.3), or says that it cannot be: the rest of the command is answered all the same (4.3.1). */
export async function keepUp(
  command: Search | Sort,
  searched: Searched,
  { limits, context }: { readonly limits: KeepUpLimits; readonly context: CommandContext },
): Promise<void> {
  if (command.returns?.update !== true) return;
  const { tag, output } = context;
  const refused = open(command, searched, { limits, context });
  if (refused !== null) await output.write(noUpdate(tag, refused));
}

/** null where it is kept up from now on. */
function open(
  { name, uid, key, returns }: Search | Sort,
  { found, saved }: Searched,
  { limits, context }: { readonly limits: KeepUpLimits; readonly context: CommandContext },
): string | null {
  // CONTEXT=SORT is not offered.
  if (name === 'SORT') return 'Sorted results are not kept up';
  const selected = SelectedMailbox.of(context.session);
  if (selected.contexts.size >= limits.maxContexts) return 'Too many searches are kept up';
  const frozen = frozenKey(key, { cursor: selected.cursor, saved });
  const uids = savedUids(found, MOST_CONTEXT_RANGES);
  if (frozen === null) return 'What depends on the time of day is not kept up';
  if (uids === null) return 'The results are too scattered to be kept up';
  const fetch = returns?.updateFetch ?? [];
  const mostFetched = limits.maxNotifications;
  selected.contexts.open({ tag: context.tag, uid, key: frozen, found: uids, fetch, mostFetched });
  return null;
}
