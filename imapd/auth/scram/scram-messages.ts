import { isUtf8 } from 'node:buffer';

/** `client-first-message` of RFC 5802, 7. */
export type ClientFirst = {
  /** Whether the client binds the exchange to TLS: it cannot, it could if the server did, or it does, in this way. */
  readonly binding: { readonly kind: 'none' | 'unused' } | { readonly kind: 'used'; readonly type: string };
  /** With its commas, as received: part of what the client proves. */
  readonly gs2Header: string;
  /** Who the client wants to act as; null: the user. */
  readonly identity: string | null;
  readonly user: string;
  readonly nonce: string;
  /** `client-first-message-bare`, as received. */
  readonly bare: string;
};

/** `client-final-message` of RFC 5802, 7. */
export type ClientFinal = {
  /** The GS2 header again, and the data of the channel binding. */
  readonly boundTo: Buffer;
  readonly nonce: string;
  readonly proof: Buffer;
  /** `client-final-message-without-proof`, as received. */
  readonly withoutProof: string;
};

// `m=` in front of the name or behind the binding asks for an extension that does not exist yet: it matches nowhere.
const FIRST =
  /^(?<header>(?:(?<flag>[ny])|p=(?<type>[A-Za-z0-9.-]+)),(?:a=(?<identity>[^,\0]+))?,)(?<bare>n=(?<user>[^,\0]+),r=(?<nonce>[\x21-\x2b\x2d-\x7e]+)(?:,[A-Za-z]=[^,\0]+)*)$/;
const FINAL =
  /^(?<withoutProof>c=(?<boundTo>[A-Za-z0-9+/]+={0,2}),r=(?<nonce>[\x21-\x2b\x2d-\x7e]+)(?:,[A-Za-z]=[^,\0]+)*),p=(?<proof>[A-Za-z0-9+/]+={0,2})$/;

/** null where it is none. */
export function readClientFirst(message: Buffer): ClientFirst | null {
  const { header, flag, type, identity, bare, user, nonce } = groupsOf(message, FIRST);
  if (header === undefined || bare === undefined || nonce === undefined) return null;
  const [name, actsAs] = [unescaped(user ?? ''), identity === undefined ? null : unescaped(identity)];
  // "=" without "2C" or "3D" is no name; neither is an identity of that kind (RFC 5802, 5.1).
  if (name === null || (identity !== undefined && actsAs === null)) return null;
  const binding: ClientFirst['binding'] =
    type === undefined ? { kind: flag === 'y' ? 'unused' : 'none' } : { kind: 'used', type };
  return { binding, gs2Header: header, identity: actsAs, user: name, nonce, bare };
}

/** null where it is none. */
export function readClientFinal(message: Buffer): ClientFinal | null {
  const { withoutProof, boundTo, nonce, proof } = groupsOf(message, FINAL);
  if (withoutProof === undefined || boundTo === undefined || nonce === undefined || proof === undefined) return null;
  return {
    ...{ nonce, withoutProof },
    boundTo: Buffer.from(boundTo, 'base64'),
    proof: Buffer.from(proof, 'base64'),
  };
}

const groupsOf = (message: Buffer, expression: RegExp): Readonly<Record<string, string | undefined>> =>
  (isUtf8(message) ? expression.exec(message.toString('utf8'))?.groups : undefined) ?? {};

/** saslname: `=2C` is a comma, `=3D` an equals sign; null where another "=" is in it. */
function unescaped(name: string): string | null {
  const plain = name.replaceAll('=2C', ',').replaceAll('=3D', '\0');
  return plain.includes('=') ? null : plain.replaceAll('\0', '=');
}
