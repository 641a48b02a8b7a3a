import type { UserChange, UserDetails } from '#contract/users-api.ts';
import type { Attempt } from '../routing/repository-access.ts';
import type { UserStores } from '../routing/user-stores.ts';
import type { ChangeAccount } from '../store/account-store.ts';
import type { OwnLimits, Resource } from '../store/quota.ts';
import { noSuchUser, placeOf } from './user-place.ts';

const RESOURCES = { storage: 'STORAGE', messages: 'MESSAGE', mailboxes: 'MAILBOX' } as const;

/** Of what the store knows of a user, what people may know. @throws Problem 404 */
export async function detailsOf(stores: UserStores, given: string, attempt: Attempt): Promise<UserDetails> {
  const { name, store, partition } = placeOf(stores, given);
  const account = await store.findAccount(name, attempt);
  if (account === null) throw noSuchUser(name);
  const { admin, ownLimits, quota, createdAt } = account;
  const amount = (resource: Resource) => ({ ...quota[resource], own: ownLimits[resource] });
  return {
    ...{ name, partition, createdAt: createdAt.toISOString(), admin },
    quota: { storage: amount('STORAGE'), messages: amount('MESSAGE'), mailboxes: amount('MAILBOX') },
  };
}

/** The same the other way round: what is named shall change. */
export function changeOf({ admin, quota = {} }: UserChange): Pick<ChangeAccount, 'admin' | 'limits'> {
  const limits = Object.entries(RESOURCES).flatMap(([field, resource]) => {
    const limit = quota[field as keyof typeof RESOURCES];
    return limit === undefined ? [] : [[resource, limit] as const];
  });
  return { admin, limits: Object.fromEntries(limits) as Partial<OwnLimits> };
}
