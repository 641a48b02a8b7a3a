import type { Session } from '../../session/session.ts';
import type { MailboxId, Uid } from '../../store/types.ts';
import { SelectedMailbox } from '../selected-mailbox.ts';

/** The session itself has brought these messages into a mailbox: where that is the selected one, nobody fetches them for its client (RFC 5465, 5.2). */
export function noteOwnArrivals({ selected, news }: Session, mailbox: MailboxId, uids: readonly Uid[]): void {
  if (!(selected instanceof SelectedMailbox) || selected.mailbox !== mailbox) return;
  if (news === null && selected.contexts.size === 0) return;
  for (const uid of uids) selected.ownArrivals.add(uid);
}
