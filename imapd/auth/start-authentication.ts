import { randomBytes } from 'node:crypto';
import type { Logger } from '#runtime/logger.ts';
import type { ImapdConfiguration } from '../configuration.ts';
import type { UserStores } from '../routing/user-stores.ts';
import type {
  ActAs,
  Authenticator,
  CertificateAuthenticator,
  ScramAuthenticator,
  TokenSignIn,
} from '../session/authenticator.ts';
import type { OperationId } from '../store/types.ts';
import { type MakeAccountSecrets, makeAccountSecrets } from './account-secrets.ts';
import { actAs } from './act-as.ts';
import { certificateAuthenticator } from './certificate-authenticator.ts';
import { FailureHints } from './failure-hints.ts';
import { FailureLedger } from './failure-ledger.ts';
import { tokenSignIn } from './oauth/token-sign-in.ts';
import { passwordAuthenticator } from './password-authenticator.ts';
import { PasswordHasher } from './password-hasher.ts';
import { LateScramKeys } from './scram/late-scram-keys.ts';
import { scramAuthenticator } from './scram/scram-authenticator.ts';
import { ScramKeyMaker } from './scram/scram-key-maker.ts';
import { Semaphore } from './semaphore.ts';
import { VerifiedLogins } from './verified-logins.ts';

export type Authentication = {
  readonly makeSecrets: MakeAccountSecrets;
  readonly verified: VerifiedLogins;
  readonly failures: FailureLedger;
  readonly failureHints: FailureHints;
  readonly authenticator: Authenticator;
  readonly scram: ScramAuthenticator;
  /** null: nobody signs in by a token. */
  readonly tokens: TokenSignIn | null;
  readonly certificates: CertificateAuthenticator;
  readonly actAs: ActAs;
};

export type AuthenticationParts = {
  readonly stores: UserStores;
  readonly log: Logger;
  /** SCRAM is offered: keys for it are made and kept. */
  readonly offersScram: boolean;
  readonly newOperation: () => OperationId;
};

const now = (): number => performance.now();

/** Everything about passwords that one process shares. */
export async function startAuthentication(
  { authentication, admin }: ImapdConfiguration,
  { stores, log, offersScram, newOperation }: AuthenticationParts,
): Promise<Authentication> {
  const { argon2: cost, concurrency, cacheMs: ttlMs, scramIterations: iterations } = authentication;
  const { failureDelayMs: delayMs, failureWindowMs: windowMs } = authentication;
  const { maxFailureDelayMs: maxDelayMs, maxFailures } = authentication;
  const lanes = new Semaphore(concurrency);
  const hasher = new PasswordHasher({ cost, lanes });
  await hasher.prepare();
  const verified = new VerifiedLogins({ now, ttlMs, key: randomBytes(32) });
  const { failureHintMs: paceMs, failureHintPatienceMs: withinMs } = authentication;
  const failureHints = new FailureHints({ token: admin.token, log, paceMs, withinMs });
  const failures = new FailureLedger({ now, delayMs, maxDelayMs, maxFailures, windowMs, hints: failureHints });
  const maker = new ScramKeyMaker({ iterations, lanes, secret: authentication.scramSecret ?? admin.token });
  const lateKeys = offersScram ? new LateScramKeys({ maker, newOperation, log }) : null;
  return {
    makeSecrets: makeAccountSecrets({ hasher, maker: offersScram ? maker : null }),
    ...{ verified, failures, failureHints },
    authenticator: passwordAuthenticator({ stores, hasher, failures, verified, lateKeys, log }),
    scram: scramAuthenticator({ stores, maker, failures, log }),
    certificates: certificateAuthenticator({ stores }),
    actAs: actAs({ stores, admins: authentication.admins }),
    tokens: authentication.oauth === undefined ? null : tokenSignIn(authentication.oauth, { stores, log }),
  };
}
