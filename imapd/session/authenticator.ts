import type { ScramKeys } from '../auth/scram/scram-keys.ts';
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

/** What a SCRAM exchange begins with: keys, made up for a user who has none, or why it cannot begin. */
export type ScramOpening =
  | {
      readonly kind: 'keys';
      readonly keys: ScramKeys;
      /** To be called once the client's proof has been looked at. Delays the answer to a wrong one. */
      finish(proven: boolean): Promise<LoginOutcome>;
    }
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'tooMany' };

/** Opens a SCRAM exchange (RFC 5802). Nothing in the answer tells whether the user exists. */
export type ScramAuthenticator = (
  who: Pick<Credentials, 'user' | 'remoteAddress'>,
  attempt: Attempt,
) => Promise<ScramOpening>;
