// @ts-nocheck
import type { Attempt, RepositoryAccess } from '../../routing/repository-access.ts';
import type { ChangeAccount } from '../account-store.ts';
import type { Quota, QuotaLimits } from '../quota.ts';
import type { MailboxId } from '../types.ts';
import type { Connection } from './connection.ts';

export async function changeAccount(
  access: RepositoryAccess<Connection>,
  request: ChangeAccount,
  attempt: Attempt,
): Promise<{ readonly kind: 'changed' } | { readonly kind: 'missing' }> {
  throw new Error('changeAccount: not written yet');
}

export async function deletedOctets(
  access: RepositoryAccess<Connection>,
  mailboxes: readonly MailboxId[],
  attempt: Attempt,
): Promise<ReadonlyMap<MailboxId, number>> {
  throw new Error('deletedOctets: not written yet');
}

export async function findQuota(
  access: RepositoryAccess<Connection>,
  { owner, limits }: { readonly owner: string; readonly limits: QuotaLimits },
  attempt: Attempt,
): Promise<Quota | null> {
  throw new Error('findQuota: not written yet');
}
