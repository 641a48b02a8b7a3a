import { pause } from '#runtime/deadline.ts';
import type { Logger } from '#runtime/logger.ts';
import type { Attempt } from '../routing/repository-access.ts';
import type { UserStores } from '../routing/user-stores.ts';
import type { Authenticator, Credentials, LoginOutcome } from '../session/authenticator.ts';
import type { SessionUser } from '../session/session-user.ts';
import type { Store } from '../store/store.ts';
import { claimedUser } from './claimed-user.ts';
import type { FailureLedger } from './failure-ledger.ts';
import { findAccount, ofAccount } from './find-account.ts';
import type { PasswordHasher } from './password-hasher.ts';
import type { LateScramKeys } from './scram/late-scram-keys.ts';
import type { VerifiedLogins } from './verified-logins.ts';

export type PasswordAuthenticatorOptions = {
  readonly stores: UserStores;
  readonly hasher: PasswordHasher;
  readonly failures: FailureLedger;
  readonly verified: VerifiedLogins;
  /** null: SCRAM is switched off. */
  readonly lateKeys: Pick<LateScramKeys, 'remember'> | null;
  readonly log: Logger;
};

/**
 * Checks passwords against the account in the partition that holds the user. Whether the user exists shows neither in the
 * answer nor in the time it takes; that a repository cannot be asked is never reported as a wrong password.
 */
export function passwordAuthenticator(options: PasswordAuthenticatorOptions): Authenticator {
  const { failures, stores } = options;
  return async (credentials, attempt) => {
    const { user, place } = claimedUser(credentials.user, stores);
    const source = credentials.remoteAddress;
    if (failures.refuses(source, user)) return { kind: 'tooMany' };
    if (place.kind === 'unavailable') return { kind: 'unavailable' };
    const served = place.kind === 'store' ? place : null;
    const store = served?.store ?? null;
    const checked = await check({ user, store, credentials, attempt }, options);
    if (checked === 'unavailable') return { kind: 'unavailable' };
    if (checked === 'wrong' || served === null) return await refuse({ source, user }, attempt, failures);
    failures.succeeded(source, user);
    const { store: own, unserved } = served;
    return { kind: 'ok', user: { name: user, store: own, unserved, ...checked } };
  };
}

/** Right: with what was found out on the way. */
type Checked = Pick<SessionUser, 'quota' | 'record'> | 'wrong' | 'unavailable';
type Login = {
  readonly user: string;
  readonly store: Pick<Store, 'findAccount' | 'keepScramKeys'> | null;
  readonly credentials: Credentials;
  readonly attempt: Attempt;
};

async function check(login: Login, options: PasswordAuthenticatorOptions): Promise<Checked> {
  const { user, store } = login;
  const { password } = login.credentials;
  const { hasher, verified, lateKeys, log } = options;
  if (store !== null && verified.knows(user, password)) return {};
  const account = await findAccount(login);
  if (account === 'unavailable') return 'unavailable';
  try {
    if (!(await hasher.verify(account?.passwordHash ?? null, password))) return 'wrong';
  } catch (cause) {
    // A hash that cannot be read is a fault of the account, told as a wrong password and to the log as what it is.
    log.event('Unexpected', { user, error: String(cause) }, 'A stored password hash cannot be read.');
    return 'wrong';
  }
  verified.remember(user, password);
  if (store !== null && account !== null) lateKeys?.remember({ store, account, password });
  return account === null ? {} : ofAccount(account);
}

async function refuse(
  who: { readonly source: string; readonly user: string },
  attempt: Attempt,
  failures: FailureLedger,
): Promise<LoginOutcome> {
  await pause(failures.failed(who.source, who.user), attempt.signal);
  return { kind: 'wrong' };
}
