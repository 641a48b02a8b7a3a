import { type Attempt, RepositoryUnavailable } from '../routing/repository-access.ts';
import type { SessionUser } from '../session/session-user.ts';
import type { Account, AccountStore } from '../store/account-store.ts';

export type AccountQuestion = {
  /** null: no partition holds this user. */
  readonly store: Pick<AccountStore, 'findAccount'> | null;
  /** Canonical. */
  readonly user: string;
  readonly attempt: Attempt;
};

/** The account of a user, null where there is none; a repository that cannot be asked is neither. */
export async function findAccount({ store, user, attempt }: AccountQuestion): Promise<Account | null | 'unavailable'> {
  try {
    return store === null ? null : await store.findAccount(user, attempt);
  } catch (error) {
    if (error instanceof RepositoryUnavailable) return 'unavailable';
    throw error;
  }
}

/** What a session is told of the account that it signs in with. */
export const ofAccount = ({ quota, groups, admin }: Account): Pick<SessionUser, 'quota' | 'record'> => ({
  quota,
  record: { groups, admin },
});
