import type { Account, ChangeAccount } from './account-store.ts';
import type { OwnLimits, QuotaLimits, Resource } from './quota.ts';
import { ownLimitsOf, ownLimitValue, type QuotaJson, quotaOf } from './quota-values.ts';

/** An account as it is read. */
export type AccountRow = Omit<Account, 'quota' | 'ownLimits'> & {
  readonly quota: QuotaJson;
  readonly quota_storage: number | null;
  readonly quota_messages: number | null;
  readonly quota_mailboxes: number | null;
};

export function accountOf(row: AccountRow, limits: QuotaLimits): Account {
  const { quota, quota_storage, quota_messages, quota_mailboxes, ...rest } = row;
  const own = [quota_storage, quota_messages, quota_mailboxes] as const;
  return { ...rest, ownLimits: ownLimitsOf(own), quota: quotaOf(quota ?? { used: [0, 0, 0], own }, limits) };
}

const COLUMNS: Readonly<Record<Resource, string>> = {
  STORAGE: 'quota_storage',
  MESSAGE: 'quota_messages',
  MAILBOX: 'quota_mailboxes',
};

/** `groups` is the only list. */
type AccountValue = number | null | boolean | readonly string[];

/** Columns of the account and what they shall be, of what is named. */
export function accountChanges({
  limits = {},
  admin,
  groups,
}: Pick<ChangeAccount, 'limits' | 'admin' | 'groups'>): Map<string, AccountValue> {
  const changes = new Map<string, AccountValue>();
  for (const [resource, limit] of Object.entries(limits) as [Resource, OwnLimits[Resource]][]) {
    changes.set(COLUMNS[resource], ownLimitValue(limit));
  }
  if (admin !== undefined) changes.set('admin', admin);
  if (groups !== undefined) changes.set('groups', groups);
  return changes;
}
