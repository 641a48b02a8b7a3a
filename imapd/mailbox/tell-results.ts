import type { FetchItem } from '../protocol/fetch-item.ts';
import { ConnectionClosed, type Output } from '../session/output.ts';
import type { MailboxCursor, ViewUpdates } from './mailbox-cursor.ts';
import type { Newcomers } from './search/search-contexts.ts';
import type { SelectedMailbox } from './selected-mailbox.ts';
import { NO_UIDS } from './sorted-uids.ts';

/**
 * What follows EXISTS and flags, for those who have asked for it: results of searches that are kept up (RFC 5267), and what
 * they want to know of new messages. RFC 5465 has it in one order for what a search asks for (7), in another one where
 * NOTIFY does (5.2). What fails keeps nothing else from being told, and is thrown when all that is has been.
 */
export async function tellResults(selected: SelectedMailbox, news: ViewUpdates, output: Output): Promise<void> {
  const { contexts, arrivals } = selected;
  if (contexts.size === 0 && selected.news === null && !arrivals.pending) return;
  const arrived = news.exists === null ? NO_UIDS : arrivedIn(selected.cursor, news.firstNew);
  const byNotify = (selected.news?.selected.fetch ?? []).length > 0;
  const brought = withoutOwn(arrived, selected.ownArrivals);
  const changed = Uint32Array.from([...news.changed, ...news.own]).sort();
  const { lines, newcomers, faults } = await contexts.look(selected, { arrived, brought, changed });
  const ended = wantAll(selected, brought, newcomers);
  const tellLines = async (): Promise<void> => {
    for (const line of [...lines, ...ended]) await output.write(line);
  };
  if (byNotify) await tellLines();
  const fault = await faultOf(arrivals.tell(selected, output));
  if (!byNotify) await tellLines();
  for (const each of [...faults, ...fault]) throw each;
}

/** How something ended, unless the connection did: then nothing more can be told. */
async function faultOf(work: Promise<void>): Promise<readonly unknown[]> {
  try {
    await work;
    return [];
  } catch (error) {
    if (error instanceof ConnectionClosed) throw error;
    return [error];
  }
}

/** RFC 5465, 5.2: what the session itself has brought its client knows. What is told now needs to be known no longer. */
function withoutOwn(arrived: Uint32Array, own: Set<number>): Uint32Array {
  const brought = arrived.filter((uid) => !own.has(uid));
  const last = arrived.at(-1) ?? 0;
  for (const uid of own) if (uid <= last) own.delete(uid);
  return brought;
}

/** Where more is wanted than may wait, NOTIFY overflows and a search ends: gives what the client is told of that. */
function wantAll(selected: SelectedMailbox, brought: Uint32Array, newcomers: readonly Newcomers[]): readonly string[] {
  const { arrivals, contexts, news } = selected;
  const ended: string[] = [];
  const want = (uids: Uint32Array, items: readonly FetchItem[], admits: (messages: number) => boolean): void => {
    if (items.length === 0 || uids.length === 0 || !admits(arrivals.size + uids.length)) return;
    for (const uid of uids) arrivals.want(uid, items);
  };
  want(brought, news?.selected.fetch ?? [], (messages) => news?.admits(messages) === true);
  for (const { uids, context } of newcomers) {
    want(uids, context.fetch, (messages) => {
      if (messages > context.mostFetched) ended.push(contexts.end(context, 'Too much has arrived at once'));
      return messages <= context.mostFetched;
    });
  }
  return ended;
}

function arrivedIn(cursor: MailboxCursor, firstNew: number): Uint32Array {
  const from = cursor.count - cursor.countFrom(firstNew) + 1;
  return Uint32Array.from({ length: cursor.count - from + 1 }, (_, at) => cursor.uidAt(from + at));
}
