// @ts-nocheck
import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import type { MailboxId, OperationId, Uid } from '../../types.ts';
import type { Connection } from '../connection.ts';

export async function claimRecent(
  access: RepositoryAccess<Connection>,
  { mailbox, operation }: { readonly mailbox: MailboxId; readonly operation: OperationId },
  attempt: Attempt,
): Promise<Uid> {
  throw new Error('claimRecent: not written yet');
}
