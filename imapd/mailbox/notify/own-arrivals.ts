import type { Session } from '../../session/session.ts';
import type { MailboxId, Uid } from '../../store/types.ts';
import { SelectedMailbox } from '../selected-mailbox.ts';

/**
 * The session itself has brought these messages into a mailbox: where that is the selected one, nobody fetches them for its
 * client (RFC 5465, 5.2). They are noted until it is told of them, which this or its next command does; where it is told of
 * nothing, or nothing is fetched, there is nothing to note.
 */
export function noteOwnArrivals({ selected, news }: Session, mailbox: MailboxId, uids: readonly Uid[]): void {
  const [first, last] = [uids[0], uids.at(-1)];
  if (first !== undefined && last !== undefined) news?.did({ kind: 'arrival', mailbox, first, last });
  if (!(selected instanceof SelectedMailbox) || selected.mailbox !== mailbox) return;
  if (news?.selected.messages === 'never') return;
  if ((news?.selected.fetch ?? []).length === 0 && !selected.contexts.fetching) return;
  for (const uid of uids) selected.ownArrivals.add(uid);
}
