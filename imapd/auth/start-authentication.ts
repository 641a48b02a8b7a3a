import { randomBytes } from 'node:crypto';
import type { Logger } from '#runtime/logger.ts';
import type { ImapdConfiguration } from '../configuration.ts';
import type { UserStores } from '../routing/user-stores.ts';
import type { Authenticator } from '../session/authenticator.ts';
import { FailureLedger } from './failure-ledger.ts';
import { passwordAuthenticator } from './password-authenticator.ts';
import { PasswordHasher } from './password-hasher.ts';
import { VerifiedLogins } from './verified-logins.ts';

export type Authentication = {
  readonly hasher: PasswordHasher;
  readonly verified: VerifiedLogins;
  readonly authenticator: Authenticator;
};

const now = (): number => performance.now();

/** Everything about passwords that one process shares. */
export async function startAuthentication(
  { authentication }: ImapdConfiguration,
  { stores, log }: { readonly stores: UserStores; readonly log: Logger },
): Promise<Authentication> {
  const {
    argon2: cost,
    concurrency,
    cacheMs: ttlMs,
    failureDelayMs: delayMs,
    failureWindowMs: windowMs,
  } = authentication;
  const { maxFailureDelayMs: maxDelayMs, maxFailures } = authentication;
  const hasher = new PasswordHasher({ cost, concurrency });
  await hasher.prepare();
  const verified = new VerifiedLogins({ now, ttlMs, key: randomBytes(32) });
  const failures = new FailureLedger({ now, delayMs, maxDelayMs, maxFailures, windowMs });
  return { hasher, verified, authenticator: passwordAuthenticator({ stores, hasher, failures, verified, log }) };
}
