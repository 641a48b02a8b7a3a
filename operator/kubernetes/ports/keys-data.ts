import type { JWK } from 'jose';
import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { SigningKey } from '#contract/signature.ts';
import { jsonFile, secretData } from '../../objects/secret-data.ts';
import type { Rotation } from './decide-rotation.ts';

/** What the Secret of a cluster's keys holds. */
export type KeysData = {
  readonly signing: SigningKey;
  /** Known already, does not sign yet. */
  readonly next: SigningKey | null;
  /** Signs no more, still known: nothing but what others need of it is kept. */
  readonly previous: JWK | null;
  readonly agentToken: string;
  /** What the salts of SCRAM are computed from; null: of before there was one. */
  readonly scramSecret: string | null;
  readonly rotation: Rotation;
};

export const KEY_FILE = {
  signing: 'signing.json',
  next: 'next.json',
  previous: 'previous.json',
  agentToken: 'agent-token',
  scramSecret: 'scram-secret',
  rotation: 'rotation.json',
} as const;

const PublicJwk = Type.Object({ kty: Type.Literal('OKP'), crv: Type.Literal('Ed25519'), x: Type.String() });
const PrivateJwk = Type.Intersect([PublicJwk, Type.Object({ d: Type.String() })]);
const KeyPair = Type.Object({ privateJwk: PrivateJwk, publicJwk: PublicJwk });
const RotationFile = Type.Object({
  request: Type.Union([Type.String(), Type.Null()]),
  stage: Type.Unsafe<Rotation['stage']>(
    Type.Union([Type.Literal('idle'), Type.Literal('announced'), Type.Literal('signing')]),
  ),
  since: Type.Number(),
});
const Previous = Type.Object({ publicJwk: PublicJwk });
const SHORTEST_TOKEN = 16;

/** `data` of the Secret, as the API takes it. */
export const keysSecretData = (data: KeysData): Record<string, string> => {
  const { signing, next, previous, agentToken, scramSecret, rotation } = data;
  return secretData({
    [KEY_FILE.signing]: jsonFile(signing),
    ...(next === null ? {} : { [KEY_FILE.next]: jsonFile(next) }),
    ...(previous === null ? {} : { [KEY_FILE.previous]: jsonFile({ publicJwk: previous }) }),
    [KEY_FILE.agentToken]: agentToken,
    ...(scramSecret === null ? {} : { [KEY_FILE.scramSecret]: scramSecret }),
    [KEY_FILE.rotation]: jsonFile(rotation),
  });
};

type Data = Readonly<Record<string, string>> | undefined;

/** @throws RangeError that names the file at fault */
export function readKeysSecret(data: Data): KeysData {
  const signing = pairIn(data, KEY_FILE.signing);
  if (signing === null) throw new RangeError(`${KEY_FILE.signing} is missing`);
  const rotation = jsonIn(data, KEY_FILE.rotation, RotationFile) ?? { request: null, stage: 'idle', since: 0 };
  const agentToken = textIn(data, KEY_FILE.agentToken) ?? '';
  if (agentToken.length < SHORTEST_TOKEN)
    throw new RangeError(`${KEY_FILE.agentToken} is missing or shorter than ${SHORTEST_TOKEN} characters`);
  const next = pairIn(data, KEY_FILE.next);
  if (rotation.stage === 'announced' && next === null) throw new RangeError(`${KEY_FILE.next} is missing`);
  const previous = jsonIn(data, KEY_FILE.previous, Previous)?.publicJwk ?? null;
  const scramSecret = textIn(data, KEY_FILE.scramSecret);
  if (scramSecret !== null && scramSecret.length < SHORTEST_TOKEN)
    throw new RangeError(`${KEY_FILE.scramSecret} is shorter than ${SHORTEST_TOKEN} characters`);
  return { signing, next, previous, agentToken, scramSecret, rotation };
}

function pairIn(data: Data, file: string): SigningKey | null {
  const pair = jsonIn(data, file, KeyPair);
  // Half of one key and half of another would sign what nobody accepts.
  if (pair !== null && pair.privateJwk.x !== pair.publicJwk.x)
    throw new RangeError(`${file} is damaged: its two halves do not belong together`);
  return pair;
}

function jsonIn<S extends TSchema>(data: Data, file: string, schema: S): Static<S> | null {
  const text = textIn(data, file);
  if (text === null) return null;
  const value = parsed(text);
  // What is wrong in it is not said: messages are shown, keys are not.
  if (!Value.Check(schema, value)) throw new RangeError(`${file} is damaged`);
  return value;
}

function textIn(data: Data, file: string): string | null {
  const encoded = data?.[file];
  return encoded === undefined ? null : Buffer.from(encoded, 'base64').toString('utf8').trim();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // To the schema it is a value of the wrong kind.
    return undefined;
  }
}
