import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { IssuerUnavailable } from './issuer-keys.ts';
import type { OAuth } from './oauth-configuration.ts';

/** `status` of the answer to a client (RFC 7628, 3.2.2), from the registry of RFC 6750, 3.1. */
export type TokenError = 'invalid_token' | 'insufficient_scope';

export type VerifiedToken =
  /** `until`: end of its use, skew and all, in milliseconds of the Unix epoch. `groups`: as the token writes them. */
  | { readonly kind: 'valid'; readonly user: string; readonly until: number; readonly groups: readonly string[] }
  | { readonly kind: 'refused'; readonly error: TokenError; readonly expired: boolean; readonly reason: string }
  | { readonly kind: 'unavailable' };

export type TokenVerifierOptions = {
  readonly oauth: OAuth;
  readonly keys: JWTVerifyGetKey;
  /** Milliseconds of the Unix epoch. */
  readonly now: () => number;
};

/** Signatures by a key pair alone: a secret that the issuer shares would be one that imapd could sign with. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const LONGEST_NAME = 255;

/** Is this a token of the issuer, made for this server, and whose? Whether there is such a user is another question. */
export function tokenVerifier({ oauth, keys, now }: TokenVerifierOptions): (token: string) => Promise<VerifiedToken> {
  const { issuer, audience, clockSkewMs } = oauth;
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        ...{ issuer, audience, algorithms: ALGORITHMS, requiredClaims: ['exp'], currentDate: new Date(now()) },
        clockTolerance: clockSkewMs / 1000,
      });
      return named(payload, oauth);
    } catch (error) {
      if (error instanceof IssuerUnavailable) return { kind: 'unavailable' };
      if (!(error instanceof errors.JOSEError)) throw error;
      const expired = error instanceof errors.JWTExpired;
      return { ...refused(`${error.code}: ${error.message}`), expired };
    }
  };
}

/** Of a token that is the issuer's: whom it names, and whether that will do. */
function named(payload: JWTPayload, oauth: OAuth): VerifiedToken {
  const { usernameClaim, groupsClaim, scope, clockSkewMs } = oauth;
  if (scope !== undefined && !scopesOf(payload).includes(scope)) {
    return refused('it lacks the scope', 'insufficient_scope');
  }
  const user = userIn(payload, oauth);
  if (user === null) return refused(`its claim ${usernameClaim} names no user, or is an email that is not verified`);
  const groups = groupsIn(payload, oauth);
  if (groups === null) return refused(`its claim ${groupsClaim} is no list of names, too long a one, or left out`);
  return { kind: 'valid', user, groups, until: (payload.exp ?? 0) * 1000 + clockSkewMs };
}

const refused = (reason: string, error: TokenError = 'invalid_token') =>
  ({ kind: 'refused', error, expired: false, reason }) as const;

/** RFC 9068, 2.2.3; some issuers write `scp`, or a list. */
function scopesOf({ scope, scp }: JWTPayload): readonly string[] {
  const given = scope ?? scp;
  if (typeof given === 'string') return given.split(' ');
  return Array.isArray(given) ? given.filter((item) => typeof item === 'string') : [];
}

/** null: no groups that could be counted on. A claim that is not there names none, unless it is said to have been left out. */
function groupsIn(payload: JWTPayload, { groupsClaim, maxGroups }: OAuth): readonly string[] | null {
  if (groupsClaim !== undefined && isLeftOut(payload, groupsClaim)) return null;
  const claimed = groupsClaim === undefined ? [] : (payload[groupsClaim] ?? []);
  const names = typeof claimed === 'string' ? [claimed] : claimed;
  const counted = Array.isArray(names) && names.length <= maxGroups;
  return counted && names.every((name) => typeof name === 'string') ? names : null;
}

/** Too long a list is somewhere else (OpenID Connect Core 1.0, 5.6.2); some issuers say `hasgroups`. */
function isLeftOut({ _claim_names: elsewhere, hasgroups }: JWTPayload, claim: string): boolean {
  return hasgroups === true || (typeof elsewhere === 'object' && elsewhere !== null && claim in elsewhere);
}

/** null: nobody. */
function userIn(payload: JWTPayload, { usernameClaim: claim, acceptUnmarkedEmail }: OAuth): string | null {
  const name = payload[claim];
  if (claim === 'email' && !isProved(payload.email_verified, acceptUnmarkedEmail)) return null;
  const isName = typeof name === 'string' && name.length <= LONGEST_NAME && /^\P{Cc}+$/u.test(name);
  return isName ? name : null;
}

/**
 * An address that the issuer itself has not seen proved is whatever somebody typed there (OpenID Connect Core 1.0, 5.7). Some
 * issuers write the boolean as a string.
 */
const isProved = (marked: unknown, acceptUnmarked: boolean): boolean =>
  marked === undefined ? acceptUnmarked : marked === true || marked === 'true';
