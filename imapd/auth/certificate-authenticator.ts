import { canonicalUser } from '#contract/placement.ts';
import type { UserStores } from '../routing/user-stores.ts';
import type { CertificateAuthenticator } from '../session/authenticator.ts';
import { findAccount, ofAccount } from './find-account.ts';

/**
 * Lets in the user whom a certificate names. TLS has proved that the client has its key: nothing could be guessed, so that
 * nothing is counted.
 */
export function certificateAuthenticator({ stores }: { readonly stores: UserStores }): CertificateAuthenticator {
  return async ({ user: given, until }, attempt) => {
    const user = canonicalUser(given);
    const place = stores.ofUser(user);
    if (place.kind === 'unavailable') return { kind: 'unavailable' };
    const account = await findAccount({ store: place.kind === 'store' ? place.store : null, user, attempt });
    if (account === 'unavailable') return { kind: 'unavailable' };
    if (account === null || place.kind !== 'store') return { kind: 'wrong' };
    return {
      kind: 'ok',
      user: { name: user, store: place.store, unserved: place.unserved, until, ...ofAccount(account) },
    };
  };
}
