import { timingSafeEqual } from 'node:crypto';
import { HASH_OCTETS, hmac, type ScramKeys, sha256 } from './scram-keys.ts';
import type { ClientFinal, ClientFirst } from './scram-messages.ts';

/** An exchange up to the server's first message (RFC 5802, 5). */
export type ScramExchange = {
  readonly first: ClientFirst;
  readonly keys: ScramKeys;
  /** The client's and the server's. */
  readonly nonce: string;
  /** `server-first-message`: nonce, salt, iterations. */
  readonly challenge: string;
};

/** `serverNonce`: random, in printable ASCII without a comma. */
export function beginExchange(first: ClientFirst, keys: ScramKeys, serverNonce: string): ScramExchange {
  const nonce = first.nonce + serverNonce;
  return { first, keys, nonce, challenge: `r=${nonce},s=${keys.salt.toString('base64')},i=${keys.iterations}` };
}

/** Does the client know the password, in this exchange and over this channel? `channel`: data of its binding, or nothing. */
export function isProof(
  { first, keys, nonce, challenge }: ScramExchange,
  final: ClientFinal,
  channel: Buffer,
): boolean {
  const bound = Buffer.concat([Buffer.from(first.gs2Header), channel]);
  if (final.nonce !== nonce || !bound.equals(final.boundTo) || final.proof.length !== HASH_OCTETS) return false;
  const signature = hmac(keys.storedKey, authMessage({ first, challenge }, final));
  const clientKey = Buffer.from(signature.map((octet, i) => octet ^ (final.proof[i] ?? 0)));
  return timingSafeEqual(sha256(clientKey), keys.storedKey);
}

/** `server-final-message`: proves to the client that this server knows the user. */
export const serverProof = (exchange: ScramExchange, final: ClientFinal): string =>
  `v=${hmac(exchange.keys.serverKey, authMessage(exchange, final)).toString('base64')}`;

const authMessage = ({ first, challenge }: Pick<ScramExchange, 'first' | 'challenge'>, final: ClientFinal): string =>
  `${first.bare},${challenge},${final.withoutProof}`;
