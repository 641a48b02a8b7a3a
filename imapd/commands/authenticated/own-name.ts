import type { Place } from '../../acl/mailbox-place.ts';
import type { MailboxId } from '../../store/types.ts';
import type { CommandContext } from '../command-handler.ts';

/** By a command of the session a name is now one of these mailboxes', or nobody's: NOTIFY need not tell it (RFC 5465, 5). */
export function noteOwnName({ session }: CommandContext, { kind, name }: Place, mailboxes: readonly MailboxId[]): void {
  if (kind === 'own') session.news?.did({ kind: 'name', name, mailboxes });
}
