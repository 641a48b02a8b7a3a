import { canonicalUser } from '#contract/placement.ts';
import type { Attempt } from '../routing/repository-access.ts';
import type { UserStores } from '../routing/user-stores.ts';
import type { Store } from '../store/store.ts';
import { Problem } from './problem.ts';

/** The one spelling of a user's name and the store for it. @throws Problem 422 NoPartition · 503 Unavailable */
export function placeOf(
  stores: UserStores,
  given: string,
): { readonly name: string; readonly store: Store; readonly partition: string } {
  const name = canonicalUser(given);
  const place = stores.ofUser(name);
  if (place.kind === 'nowhere') throw new Problem(422, 'NoPartition', `no partition holds the user ${name}`);
  if (place.kind === 'unavailable')
    throw new Problem(503, 'Unavailable', `the partition of ${name} is not served here`);
  return { name, store: place.store, partition: place.partition };
}

/** The same for a user who must exist. @throws Problem 404 NoSuchUser as well */
export async function existingUser(
  stores: UserStores,
  given: string,
  attempt: Attempt,
): Promise<{ readonly name: string; readonly store: Store }> {
  const { name, store } = placeOf(stores, given);
  if ((await store.findAccount(name, attempt)) === null) throw noSuchUser(name);
  return { name, store };
}

export const noSuchUser = (name: string): Problem => new Problem(404, 'NoSuchUser', `there is no user ${name}`);

export const noSuchMailbox = (name: string): Problem =>
  new Problem(404, 'NoSuchMailbox', `there is no mailbox ${name}`);
