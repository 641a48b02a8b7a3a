import { pause } from '#runtime/deadline.ts';
import type { Logger } from '#runtime/logger.ts';
import type { UserStores } from '../../routing/user-stores.ts';
import type { ScramAuthenticator } from '../../session/authenticator.ts';
import { claimedUser } from '../claimed-user.ts';
import type { FailureLedger } from '../failure-ledger.ts';
import { findAccount, ofAccount } from '../find-account.ts';
import { saslPrep } from './sasl-prep.ts';
import type { ScramKeyMaker } from './scram-key-maker.ts';
import { readScramKeys, type ScramKeys } from './scram-keys.ts';

export type ScramAuthenticatorOptions = {
  readonly stores: UserStores;
  readonly maker: ScramKeyMaker;
  readonly failures: FailureLedger;
  readonly log: Logger;
};

/** Looks up the keys of users, made up for who has none, and counts wrong proofs like wrong passwords. */
export function scramAuthenticator({ stores, maker, failures, log }: ScramAuthenticatorOptions): ScramAuthenticator {
  return async ({ user: given, remoteAddress: source }, attempt) => {
    const { user, place } = claimedUser(given, stores, saslPrep);
    if (failures.refuses(source, user)) return { kind: 'tooMany' };
    if (place.kind === 'unavailable') return { kind: 'unavailable' };
    const store = place.kind === 'store' ? place.store : null;
    const account = await findAccount({ store, user, attempt });
    if (account === 'unavailable') return { kind: 'unavailable' };
    const stored = account?.scramKeys ?? null;
    const keys = stored === null ? null : readable(stored, { user, log });
    return {
      kind: 'keys',
      keys: keys ?? maker.ofNobody(user),
      async finish(proven) {
        if (!proven || keys === null || place.kind !== 'store') {
          await pause(failures.failed(source, user), attempt.signal);
          return { kind: 'wrong' };
        }
        failures.succeeded(source, user);
        const seen = account === null ? {} : ofAccount(account);
        return { kind: 'ok', user: { name: user, store: place.store, unserved: place.unserved, ...seen } };
      },
    };
  };
}

/** Keys that cannot be read are a fault of the account, told as a wrong password and to the log as what it is. */
function readable(stored: string, { user, log }: { readonly user: string; readonly log: Logger }): ScramKeys | null {
  try {
    return readScramKeys(stored);
  } catch (cause) {
    log.event('Unexpected', { user, error: String(cause) }, 'Stored SCRAM keys cannot be read.');
    return null;
  }
}
