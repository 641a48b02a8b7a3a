import { createPrivateKey, type KeyObject, sign as signOctets } from 'node:crypto';
import { compactVerify, decodeProtectedHeader, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';

/** What a signature is for. It is part of the signed header: a heartbeat can never pass for a command. */
const purposes = ['routing', 'heartbeat', 'heartbeats', 'command'] as const;
export type SignaturePurpose = (typeof purposes)[number];

export type SigningKey = { readonly privateJwk: JWK; readonly publicJwk: JWK };

export type Verified<T> =
  | { readonly ok: true; readonly payload: T }
  | { readonly ok: false; readonly code: 'BadSignature' | 'BadPayload'; readonly message: string };

const ALGORITHM = 'EdDSA';
const headerType = (purpose: SignaturePurpose): string => `imapcluster-${purpose}`;

/** A new Ed25519 key pair as JWKs; `kid` tells keys apart while one is being replaced. */
export async function generateSigningKey(kid: string): Promise<SigningKey> {
  const pair = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true });
  const privateJwk = { ...(await exportJWK(pair.privateKey)), kid, alg: ALGORITHM };
  const publicJwk = { ...(await exportJWK(pair.publicKey)), kid, alg: ALGORITHM };
  return { privateJwk, publicJwk };
}

type ImportedKey = Awaited<ReturnType<typeof importJWK>>;

/** To import a key takes as long as to verify with it, and an imapd has a heartbeat to verify each second. */
const imported = new WeakMap<JWK, Promise<ImportedKey>>();

/** A key that cannot be imported stays so: the failure is kept as well. */
function importedKey(key: JWK): Promise<ImportedKey> {
  const before = imported.get(key);
  if (before !== undefined) return before;
  const fresh = importJWK(key, ALGORITHM);
  imported.set(key, fresh);
  return fresh;
}

const privateKeys = new WeakMap<JWK, KeyObject>();

/**
 * Signs `payload` as a compact JWS (RFC 7515, EdDSA by RFC 8037). Not by jose, which has another thread sign: where thousands of
 * heartbeats a second are signed, the way there and back takes longer than the signature.
 */
export async function sign(payload: object, purpose: SignaturePurpose, key: JWK): Promise<string> {
  const header = { alg: ALGORITHM, typ: headerType(purpose), ...(key.kid === undefined ? {} : { kid: key.kid }) };
  const signed = `${encoded(header)}.${encoded(payload)}`;
  const privateKey = privateKeys.getOrInsertComputed(key, (jwk) => createPrivateKey({ key: jwk, format: 'jwk' }));
  return `${signed}.${signOctets(null, Buffer.from(signed), privateKey).toString('base64url')}`;
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export type VerifyOptions<S extends TSchema> = {
  readonly purpose: SignaturePurpose;
  readonly schema: S;
  /** Every key that is valid now: two while a key is being replaced. */
  readonly keys: readonly JWK[];
};

/** What a JWS says that it is for, whoever says so: only for choosing how to `verify` it. null: nothing that we know. */
export function claimedPurpose(jws: string): SignaturePurpose | null {
  try {
    const { typ } = decodeProtectedHeader(jws);
    return purposes.find((purpose) => headerType(purpose) === typ) ?? null;
  } catch {
    return null;
  }
}

/** Checks signature, purpose and shape, in that order. Never throws on bad input. */
export async function verify<S extends TSchema>(jws: string, options: VerifyOptions<S>): Promise<Verified<Static<S>>> {
  for (const key of options.keys) {
    const bytes = await verifyWith(jws, key, options.purpose);
    if (bytes !== null) return readPayload(bytes, options.schema);
  }
  return { ok: false, code: 'BadSignature', message: `no known key signed this as a ${options.purpose}` };
}

async function verifyWith(jws: string, key: JWK, purpose: SignaturePurpose): Promise<Uint8Array | null> {
  try {
    const { payload, protectedHeader } = await compactVerify(jws, await importedKey(key), {
      algorithms: [ALGORITHM, 'Ed25519'],
    });
    return protectedHeader.typ === headerType(purpose) ? payload : null;
  } catch {
    // jose throws for every malformed or foreign token; to the caller both mean: not signed by this key.
    return null;
  }
}

function readPayload<S extends TSchema>(bytes: Uint8Array, schema: S): Verified<Static<S>> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    return { ok: false, code: 'BadPayload', message: `not JSON: ${String(cause)}` };
  }
  if (Value.Check(schema, value)) return { ok: true, payload: value };
  const first = Value.Errors(schema, value)[0];
  return {
    ok: false,
    code: 'BadPayload',
    message: first ? `${first.instancePath || '/'} ${first.message}` : 'wrong shape',
  };
}
