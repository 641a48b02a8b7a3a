import { canonicalUser } from '#contract/placement.ts';
import type { UserStores } from '../../routing/user-stores.ts';
import type { TokenAuthenticator } from '../../session/authenticator.ts';
import { findAccount, ofAccount } from '../find-account.ts';
import type { VerifiedToken } from './token-verifier.ts';

export type TokenAuthenticatorOptions = {
  readonly stores: UserStores;
  readonly verify: (token: string) => Promise<VerifiedToken>;
};

/**
 * Lets in the user whom a token names. Failures are neither delayed nor counted by address: a token is nothing that could be
 * guessed, and an expired one, of a client that has slept, must not shut out its neighbours.
 */
export function tokenAuthenticator({ stores, verify }: TokenAuthenticatorOptions): TokenAuthenticator {
  return async ({ token }, attempt) => {
    const verified = await verify(token);
    if (verified.kind !== 'valid') return verified;
    const user = canonicalUser(verified.user);
    const place = stores.ofUser(user);
    if (place.kind === 'unavailable') return { kind: 'unavailable' };
    const account = await findAccount({ store: place.kind === 'store' ? place.store : null, user, attempt });
    if (account === 'unavailable') return { kind: 'unavailable' };
    if (account === null || place.kind !== 'store') {
      return { kind: 'refused', error: 'invalid_token', expired: false, reason: `there is no user ${user}` };
    }
    const { store, unserved } = place;
    const { until, groups } = verified;
    return { kind: 'ok', user: { name: user, store, unserved, until, groups, ...ofAccount(account) } };
  };
}
