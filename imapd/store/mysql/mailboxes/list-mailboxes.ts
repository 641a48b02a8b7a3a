// @ts-nocheck
import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import type { FoundMailbox, MailboxListing } from '../../mailbox-state.ts';
import type { QuotaLimits } from '../../quota.ts';
import type { Named } from '../../store.ts';
import type { Connection } from '../connection.ts';

export async function findMailbox(
  access: RepositoryAccess<Connection>,
  { owner, name, limits }: { readonly owner: string; readonly name: string; readonly limits: QuotaLimits },
  attempt: Attempt,
): Promise<FoundMailbox | null> {
  throw new Error('findMailbox: not written yet');
}

export async function listMailboxes(
  access: RepositoryAccess<Connection>,
  owner: string,
  attempt: Attempt,
): Promise<readonly MailboxListing[]> {
  throw new Error('listMailboxes: not written yet');
}

export async function subscribe(
  access: RepositoryAccess<Connection>,
  request: Named & { readonly subscribed: boolean },
  attempt: Attempt,
): Promise<void> {
  throw new Error('subscribe: not written yet');
}
