import { type Static, Type } from 'typebox';
import { HTTPS_URL } from '#contract/https-url.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const KiB = 1024;

const HttpsUrl = (description: string) => Type.String({ pattern: HTTPS_URL, maxLength: 512, description });
const milliseconds = (fallback: number, description: string, maximum?: number) =>
  Type.Integer({ minimum: 1, default: fallback, description, ...(maximum === undefined ? {} : { maximum }) });

/** Signing in by a bearer token (RFC 7628): a part of the configuration's `authentication`. */
export const OAuth = Type.Object(
  {
    issuer: HttpsUrl('Issuer of the tokens, as their `iss` says it.'),
    audience: Type.String({ minLength: 1, description: 'What the `aud` of a token must name.' }),
    usernameClaim: Type.String({
      minLength: 1,
      default: 'email',
      description: 'Claim that holds the name of the user.',
    }),
    groupsClaim: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'Claim that holds groups of the user, a name or a list of them. Absent: tokens name none.',
      }),
    ),
    maxGroups: Type.Integer({
      minimum: 0,
      default: 200,
      description:
        'Groups that a token may name. One with more is refused: were some left out, what is taken away from them would be granted.',
    }),
    acceptUnmarkedEmail: Type.Boolean({
      default: false,
      description: 'Whether an `email` without `email_verified` names the user, where that is the claim.',
    }),
    scope: Type.Optional(
      Type.String({ minLength: 1, description: 'Scope that a token must have; told to clients that lack it.' }),
    ),
    jwksUri: Type.Optional(
      HttpsUrl('Where the keys of the issuer are; where absent, what its OpenID Connect discovery document says.'),
    ),
    caFile: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'Who vouches for the issuer, PEM, read at each fetch; where absent, the authorities that Node knows.',
      }),
    ),
    clockSkewMs: Type.Integer({
      minimum: 0,
      maximum: 5 * MINUTE,
      default: MINUTE,
      description: 'How far the clock of the issuer may be from this one.',
    }),
    fetchMs: milliseconds(5 * SECOND, 'Longest time of fetching the keys.', MINUTE),
    fetchBytes: Type.Integer({
      minimum: KiB,
      default: 256 * KiB,
      description: 'Octets of a document of the issuer; a larger one is refused.',
    }),
    keysFreshMs: milliseconds(10 * MINUTE, 'Keys are fetched again after this time.'),
    keysStaleMs: milliseconds(
      24 * 60 * MINUTE,
      'Longest use of keys while the issuer cannot be reached: an outage of it locks out nobody who holds a token.',
    ),
    cooldownMs: milliseconds(
      10 * SECOND,
      'Between two fetches of the keys, whatever tokens are shown: unknown keys must not make imapd knock at the issuer.',
    ),
  },
  { additionalProperties: false, description: 'Sign-in by bearer token, SASL OAUTHBEARER and XOAUTH2. Absent: none.' },
);
export type OAuth = Readonly<Static<typeof OAuth>>;
