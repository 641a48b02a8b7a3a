import type { AclEntries, Granted, GrantedPage } from '../acl.ts';
import { type MailboxRow, mailboxState } from './mailbox-row.ts';

/** A mailbox that somebody else has granted. `more`: there are more than were asked for. */
export type GrantedRow = MailboxRow & { readonly acl: AclEntries; readonly more: boolean };

/** Of rows in order. */
export const pageOf = (found: readonly GrantedRow[]): GrantedPage => ({
  granted: found.map(({ acl, more: _, ...row }): Granted => ({ mailbox: mailboxState(row), entries: acl })),
  more: found[0]?.more ?? false,
});
