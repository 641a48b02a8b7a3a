import { expect, test } from 'vitest';
import { generateSigningKey } from '#contract/signature.ts';
import { type KeysData, keysSecretData, readKeysSecret } from './keys-data.ts';

const signing = await generateSigningKey('one');
const next = await generateSigningKey('two');
const data: KeysData = {
  signing,
  next: null,
  previous: null,
  agentToken: 'a-token-of-some-length',
  scramSecret: 'a-secret-of-some-length',
  rotation: { request: null, stage: 'idle', since: 0 },
};
const encode = (text: string): string => Buffer.from(text).toString('base64');

test('what is written is read back, at rest and during a rotation', () => {
  expect(readKeysSecret(keysSecretData(data))).toEqual(data);
  const announced: KeysData = { ...data, next, rotation: { request: 'a', stage: 'announced', since: 5 } };
  expect(readKeysSecret(keysSecretData(announced))).toEqual(announced);
  const retiring: KeysData = {
    ...data,
    previous: next.publicJwk,
    rotation: { request: 'a', stage: 'signing', since: 5 },
  };
  expect(readKeysSecret(keysSecretData(retiring))).toEqual(retiring);
});

test('a Secret of before has no secret of SCRAM', () => {
  const before: KeysData = { ...data, scramSecret: null };
  expect(readKeysSecret(keysSecretData(before))).toEqual(before);
});

test('of a key that signs no more the private half is not kept', () => {
  const text = Buffer.from(
    keysSecretData({ ...data, previous: next.publicJwk })['previous.json'] ?? '',
    'base64',
  ).toString();
  expect(text).toContain(next.publicJwk.x);
  expect(text).not.toContain(next.privateJwk.d);
});

const swapped = JSON.stringify({ privateJwk: next.privateJwk, publicJwk: signing.publicJwk });

test.each([
  ['no signing key', { 'signing.json': undefined }, 'signing.json is missing'],
  ['a damaged one', { 'signing.json': encode('{"privateJwk":') }, 'signing.json is damaged'],
  ['halves of two keys', { 'signing.json': encode(swapped) }, 'its two halves do not belong together'],
  ['a short secret of SCRAM', { 'scram-secret': encode('abc') }, 'scram-secret is shorter'],
  ['a short token', { 'agent-token': encode('abc') }, 'agent-token is missing or shorter'],
  [
    'a rotation without its key',
    { 'rotation.json': encode('{"request":"a","stage":"announced","since":1}') },
    'next.json is missing',
  ],
  [
    'a stage nobody knows',
    { 'rotation.json': encode('{"request":"a","stage":"later","since":1}') },
    'rotation.json is damaged',
  ],
])('%s is refused, and no key is shown', (_, change, message) => {
  const files = Object.entries({ ...keysSecretData(data), ...change }).filter(([, text]) => text !== undefined);
  const broken = Object.fromEntries(files) as Record<string, string>;
  expect(() => readKeysSecret(broken)).toThrow(message);
  expect(() => readKeysSecret(broken)).not.toThrow(String(signing.privateJwk.d));
});

test('without a note of a rotation there is none', () => {
  const { 'rotation.json': _, ...rest } = keysSecretData(data);
  expect(readKeysSecret(rest)).toEqual(data);
});
