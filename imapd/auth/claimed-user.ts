import { canonicalUser } from '#contract/placement.ts';
import type { UserStores } from '../routing/user-stores.ts';
import { mayBeUser } from './may-be-user.ts';

type ClaimedUser = {
  /** Canonical, or as the client wrote it where nobody can have that name. */
  readonly user: string;
  readonly place: ReturnType<UserStores['ofUser']>;
};

/** Who a client says it is, as `prepared` by its mechanism, and where the mail of such a user would be. */
export function claimedUser(
  given: string,
  stores: Pick<UserStores, 'ofUser'>,
  prepared = (name: string): string => name,
): ClaimedUser {
  if (!mayBeUser(given)) return { user: given, place: { kind: 'nowhere' } };
  const user = canonicalUser(prepared(given));
  return { user, place: stores.ofUser(user) };
}
