import type { TokenError } from '../auth/oauth/token-verifier.ts';
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

export type TokenOutcome =
  | { readonly kind: 'ok'; readonly user: SessionUser }
  | { readonly kind: 'unavailable' }
  /** `reason` goes to the log, `error` to the client. */
  | { readonly kind: 'refused'; readonly error: TokenError; readonly expired: boolean; readonly reason: string };

/** Looks at a bearer token (RFC 6750) and at whose it is. */
export type TokenAuthenticator = (given: { readonly token: string }, attempt: Attempt) => Promise<TokenOutcome>;

/** How clients may sign in by tokens, and what they are told who cannot (RFC 7628, 3.2.2). */
export type TokenSignIn = {
  readonly authenticator: TokenAuthenticator;
  readonly scope: string | null;
  /** Where the discovery document of the issuer is. */
  readonly discovery: string;
};

/** Looks for the user whom a client certificate names. */
export type CertificateAuthenticator = (
  named: { readonly user: string; readonly until: number },
  attempt: Attempt,
) => Promise<Exclude<LoginOutcome, { kind: 'tooMany' }>>;

/** Whether a user who has proved to be one may act for another, and the session as which that goes on. */
export type ActAs = (
  wish: { readonly actor: SessionUser; readonly identity: string },
  attempt: Attempt,
) => Promise<
  | { readonly kind: 'ok'; readonly user: SessionUser }
  | { readonly kind: 'unavailable' }
  /** `reason` goes to the log alone. */
  | { readonly kind: 'refused'; readonly reason: string }
>;
