// @ts-nocheck
import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import type { MailboxChanges, Newest } from '../../store.ts';
import type { MailboxId, ModSeq } from '../../types.ts';
import type { Connection } from '../connection.ts';

export async function loadChanges(
  access: RepositoryAccess<Connection>,
  { mailbox, since }: { readonly mailbox: MailboxId; readonly since: ModSeq },
  attempt: Attempt,
): Promise<MailboxChanges | null> {
  throw new Error('loadChanges: not written yet');
}

export async function newestOf(
  access: RepositoryAccess<Connection>,
  mailboxes: readonly MailboxId[],
  attempt: Attempt,
): Promise<ReadonlyMap<MailboxId, Newest>> {
  throw new Error('newestOf: not written yet');
}
