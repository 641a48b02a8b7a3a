import { isUtf8 } from 'node:buffer';

export type BearerMechanism = 'OAUTHBEARER' | 'XOAUTH2';

/** What a client says in its first message. `identity`: whom it wants to act as; null: the user of the token. */
export type BearerRequest = { readonly identity: string | null; readonly token: string };

/** RFC 7628, 3.1: ends the header and each pair, and once more the message. */
const SEPARATOR = '\u0001';
/** A GS2 header (RFC 5801, 4), without channel binding since there is none. */
const GS2_HEADER = /^[ny],(?:a=(?<identity>[^,\0]+))?,$/;
/** As Google and Microsoft document it. */
const XOAUTH2_HEADER = /^user=(?<identity>[^\0]*)$/;
const PAIR = /^[A-Za-z]+=[^\0]*$/;
/** RFC 6750, 2.1; the scheme in any case (RFC 7628, 4). */
const AUTH = /^auth=bearer +(?<token>[A-Za-z0-9._~+/-]+=*) *$/i;

/**
 * null where the message is none. `host` and `port` are not compared with anything (RFC 7628, 3.2, wants it where the server
 * knows its own): by which name and port clients come is the business of what stands in front of imapd.
 */
export function readBearerRequest(mechanism: BearerMechanism, message: Buffer): BearerRequest | null {
  const [header = '', ...pairs] = isUtf8(message) ? message.toString('utf8').split(SEPARATOR) : [];
  const ended = pairs.splice(-2).join(SEPARATOR) === SEPARATOR;
  const found = (mechanism === 'XOAUTH2' ? XOAUTH2_HEADER : GS2_HEADER).exec(header);
  if (found === null || !ended || !pairs.every((pair) => PAIR.test(pair))) return null;
  const [token] = pairs.flatMap((pair) => AUTH.exec(pair)?.groups?.token ?? []);
  const given = found.groups?.identity ?? '';
  const identity = mechanism === 'XOAUTH2' ? given : unescaped(given);
  if (token === undefined || identity === null) return null;
  return { identity: identity === '' ? null : identity, token };
}

/** saslname of RFC 5801: `=2C` is a comma, `=3D` an equals sign; null where another "=" is in it. */
function unescaped(name: string): string | null {
  const plain = name.replaceAll('=2C', ',').replaceAll('=3D', '\0');
  return plain.includes('=') ? null : plain.replaceAll('\0', '=');
}
