import type { Attempt } from '../routing/repository-access.ts';
import type { SessionUser } from './session-user.ts';

/** How an attempt to sign in ended. A repository that cannot be asked is never a wrong password. */
export type LoginOutcome =
  | { readonly kind: 'ok'; readonly user: SessionUser }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'unavailable' }
  /** Too many wrong passwords for this user or from this address lately. */
  | { readonly kind: 'tooMany' };

export type Credentials = {
  /** As the client wrote it. */
  readonly user: string;
  readonly password: string;
  readonly remoteAddress: string;
};

/**
 * Checks a password. Takes as long for an unknown user as for a wrong password, and delays the answer to failures: the
 * session says what it is told at once.
 */
export type Authenticator = (credentials: Credentials, attempt: Attempt) => Promise<LoginOutcome>;
