import type { UserChange, UserDetails } from '#contract/users-api.ts';
import { groupIdentifier } from '../acl/identifiers.ts';
import type { Attempt } from '../routing/repository-access.ts';
import type { UserStores } from '../routing/user-stores.ts';
import type { ChangeAccount } from '../store/account-store.ts';
import type { OwnLimits, Resource } from '../store/quota.ts';
import { Problem } from './problem.ts';
import { noSuchUser, placeOf } from './user-place.ts';

const RESOURCES = { storage: 'STORAGE', messages: 'MESSAGE', mailboxes: 'MAILBOX' } as const;

/** Of what the store knows of a user, what people may know. @throws Problem 404 */
export async function detailsOf(stores: UserStores, given: string, attempt: Attempt): Promise<UserDetails> {
  const { name, store, partition } = placeOf(stores, given);
  const account = await store.findAccount(name, attempt);
  if (account === null) throw noSuchUser(name);
  const { admin, groups, ownLimits, quota, createdAt } = account;
  const amount = (resource: Resource) => ({ ...quota[resource], own: ownLimits[resource] });
  return {
    ...{ name, partition, createdAt: createdAt.toISOString(), admin, groups: [...groups] },
    quota: { storage: amount('STORAGE'), messages: amount('MESSAGE'), mailboxes: amount('MAILBOX') },
  };
}

/** The same the other way round: what is named shall change. @throws Problem 400 where a group cannot have its name */
export function changeOf({
  admin,
  groups,
  quota = {},
}: UserChange): Pick<ChangeAccount, 'admin' | 'groups' | 'limits'> {
  const limits = Object.entries(RESOURCES).flatMap(([field, resource]) => {
    const limit = quota[field as keyof typeof RESOURCES];
    return limit === undefined ? [] : [[resource, limit] as const];
  });
  return { admin, groups: groups && canonicalGroups(groups), limits: Object.fromEntries(limits) as Partial<OwnLimits> };
}

/** Each once, in order, as access control lists write them but for the `$`. */
function canonicalGroups(given: readonly string[]): readonly string[] {
  const named = given.map((group) => {
    const identifier = groupIdentifier(group);
    if (identifier === null)
      throw new Problem(400, 'BadRequest', `no group can have the name ${JSON.stringify(group)}`);
    return identifier.slice(1);
  });
  return [...new Set(named)].sort();
}
