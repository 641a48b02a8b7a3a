// @ts-nocheck
import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import type { Expunges } from '../../store.ts';
import type { MailboxId, ModSeq } from '../../types.ts';
import type { Connection } from '../connection.ts';

export async function loadExpunges(
  access: RepositoryAccess<Connection>,
  { mailbox, since }: { readonly mailbox: MailboxId; readonly since: ModSeq },
  attempt: Attempt,
): Promise<Expunges | null> {
  throw new Error('loadExpunges: not written yet');
}
