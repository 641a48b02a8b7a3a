import type { FetchItem } from '../protocol/fetch-item.ts';
import type { Output } from '../session/output.ts';
import type { MailboxCursor, ViewUpdates } from './mailbox-cursor.ts';
import type { Newcomers } from './search/search-contexts.ts';
import type { SelectedMailbox } from './selected-mailbox.ts';
import { NO_UIDS } from './sorted-uids.ts';

/**
 * What follows EXISTS and flags, for those who have asked for it: results of searches that are kept up (RFC 5267), and what
 * they want to know of new messages. RFC 5465 has it in one order for what a search asks for (7), in another one where
 * NOTIFY does (5.2).
 */
export async function tellResults(selected: SelectedMailbox, news: ViewUpdates, output: Output): Promise<void> {
  const { contexts, arrivals } = selected;
  if (contexts.size === 0 && selected.news === null && !arrivals.pending) return;
  const arrived = news.exists === null ? NO_UIDS : arrivedIn(selected.cursor, news.firstNew);
  const byNotify = (selected.news?.selected.fetch ?? []).length > 0;
  const { lines, newcomers } = await contexts.look(selected, news, arrived);
  wantAll(selected, arrived, newcomers);
  if (!byNotify) await arrivals.tell(selected, output);
  for (const line of lines) await output.write(line);
  if (byNotify) await arrivals.tell(selected, output);
}

/** RFC 5465, 5.2: what the session itself has brought its client knows. */
function wantAll(selected: SelectedMailbox, arrived: Uint32Array, newcomers: readonly Newcomers[]): void {
  const { arrivals, ownArrivals, news } = selected;
  const want = (uids: Uint32Array, items: readonly FetchItem[]): void => {
    const brought = items.length === 0 ? NO_UIDS : uids.filter((uid) => !ownArrivals.has(uid));
    if (news !== null && !news.admits(brought.length)) return;
    for (const uid of brought) arrivals.want(uid, items);
  };
  want(arrived, news?.selected.fetch ?? []);
  for (const { uids, items } of newcomers) want(uids, items);
  if (arrived.length > 0) ownArrivals.clear();
}

function arrivedIn(cursor: MailboxCursor, firstNew: number): Uint32Array {
  const from = cursor.count - cursor.countFrom(firstNew) + 1;
  return Uint32Array.from({ length: cursor.count - from + 1 }, (_, at) => cursor.uidAt(from + at));
}
