import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPair } from 'jose';
import { Value } from 'typebox/value';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RecordedLog } from '../../session/test-support/recorded-log.ts';
import { IssuerKeys } from './issuer-keys.ts';
import { OAuth } from './oauth-configuration.ts';
import { TestIssuer } from './test-support/test-issuer.ts';
import { tokenVerifier, type VerifiedToken } from './token-verifier.ts';

// Promise: a token is taken if this issuer made it, for this server and now; the issuer is asked seldom, never for long, and
// its outage is never told as a bad token.

const log = new RecordedLog();
let issuer: TestIssuer;
let folder: string;
let time: number;

beforeEach(async () => {
  issuer = await TestIssuer.start();
  folder = await mkdtemp(join(tmpdir(), 'issuer-'));
  await writeFile(join(folder, 'ca.crt'), issuer.ca);
  time = 0;
  log.events.length = 0;
});
afterEach(async () => {
  await issuer.close();
  await rm(folder, { recursive: true });
});

type Verify = (token: string) => Promise<VerifiedToken>;

function verifier(more: object = {}): Verify {
  const given = { issuer: issuer.url, audience: 'mail', caFile: join(folder, 'ca.crt'), ...more };
  const oauth = Value.Parse(OAuth, Value.Default(OAuth, given));
  const keys = new IssuerKeys({ oauth, log, now: () => time });
  return tokenVerifier({ oauth, keys: keys.find, now: () => Date.now() });
}

const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

test('a good token names its user, and lasts as long as it says, and the clock may be off', async () => {
  const exp = inSeconds(300);
  const verified = await verifier({ clockSkewMs: 30_000 })(await issuer.token({ exp }));
  expect(verified).toEqual({ kind: 'valid', user: 'ada', groups: [], until: exp * 1000 + 30_000 });
});

type TokenCase = { readonly name: string; readonly claims: object; readonly more?: object; readonly valid: boolean };
const tokens: readonly TokenCase[] = [
  { name: 'of another issuer', claims: { iss: 'https://elsewhere.example' }, valid: false },
  { name: 'for another server', claims: { aud: 'web' }, valid: false },
  { name: 'for several', claims: { aud: ['web', 'mail'] }, valid: true },
  { name: 'without an audience', claims: { aud: undefined }, valid: false },
  { name: 'without an end', claims: { exp: undefined }, valid: false },
  { name: 'expired within the skew', claims: { exp: inSeconds(-20) }, valid: true },
  { name: 'not to be used yet', claims: { nbf: inSeconds(600) }, valid: false },
  { name: 'without the claim', claims: { email: undefined }, valid: false },
  { name: 'with a number for a name', claims: { email: 7 }, valid: false },
  { name: 'with a line break in the name', claims: { email: 'ada\r\n' }, valid: false },
  { name: 'with an unproved address', claims: { email_verified: false }, valid: false },
  { name: 'with an unproved address, as a string', claims: { email_verified: 'false' }, valid: false },
  { name: 'with an address marked by anything else', claims: { email_verified: 1 }, valid: false },
  { name: 'with an address of which nothing is said', claims: { email_verified: undefined }, valid: false },
  {
    name: 'with the same, where that is accepted',
    claims: { email_verified: undefined },
    more: { acceptUnmarkedEmail: true },
    valid: true,
  },
  {
    name: 'with an unproved one there',
    claims: { email_verified: 'false' },
    more: { acceptUnmarkedEmail: true },
    valid: false,
  },
  { name: 'with a proved one', claims: { email_verified: true }, valid: true },
  { name: 'with a proved one, as a string', claims: { email_verified: 'true' }, valid: true },
  {
    name: 'by another claim',
    claims: { sub: 'ada', email_verified: false },
    more: { usernameClaim: 'sub' },
    valid: true,
  },
  { name: 'without the scope', claims: { scope: 'openid mailer' }, more: { scope: 'mail' }, valid: false },
  { name: 'with the scope', claims: { scope: 'openid mail' }, more: { scope: 'mail' }, valid: true },
  { name: 'with a list of scopes', claims: { scp: ['mail'] }, more: { scope: 'mail' }, valid: true },
];

test.each(tokens)('a token $name: $valid', async ({ claims, more = {}, valid }) => {
  const verified = await verifier(more)(await issuer.token(claims));
  expect(verified.kind).toBe(valid ? 'valid' : 'refused');
});

test.each([
  { name: 'a list', claims: { groups: ['staff', 'Board'] }, more: {}, groups: ['staff', 'Board'] },
  { name: 'one name', claims: { groups: 'staff' }, more: {}, groups: ['staff'] },
  { name: 'none', claims: {}, more: {}, groups: [] },
  {
    name: 'a claim that nobody asked for',
    claims: { groups: ['staff'] },
    more: { groupsClaim: undefined },
    groups: [],
  },
  { name: 'as many as may be', claims: { groups: ['a', 'b'] }, more: { maxGroups: 2 }, groups: ['a', 'b'] },
])('groups of a token: $name', async ({ claims, more, groups }) => {
  const verified = await verifier({ groupsClaim: 'groups', ...more })(await issuer.token(claims));
  expect(verified).toMatchObject({ kind: 'valid', groups });
});

test.each([
  { name: 'too many', claims: { groups: ['a', 'b', 'c'] } },
  { name: 'numbers', claims: { groups: ['a', 7] } },
  { name: 'something else', claims: { groups: { a: true } } },
  { name: 'to be asked for elsewhere', claims: { _claim_names: { groups: 'src1' } } },
  { name: 'left out for their number', claims: { hasgroups: true } },
])('groups of a token that nobody could count on: $name', async ({ claims }) => {
  const verified = await verifier({ groupsClaim: 'groups', maxGroups: 2 })(await issuer.token(claims));
  expect(verified).toMatchObject({
    kind: 'refused',
    error: 'invalid_token',
    reason: expect.stringMatching(/claim groups/),
  });
});

test('what is wrong is told apart: expired, of too little scope, or no good token', async () => {
  const verify = verifier({ scope: 'mail' });
  const expired = await issuer.token({ exp: inSeconds(-100), scope: 'mail' });
  expect(await verify(expired)).toMatchObject({ kind: 'refused', error: 'invalid_token', expired: true });
  expect(await verify(await issuer.token())).toMatchObject({ error: 'insufficient_scope', expired: false });
  expect(await verify('abc.def.ghi')).toMatchObject({ error: 'invalid_token', expired: false });
  const { privateKey } = await generateKeyPair('ES256');
  expect(await verify(await issuer.token({}, { key: privateKey }))).toMatchObject({ error: 'invalid_token' });
});

test('a token that signs by a shared secret, or by nothing, is refused', async () => {
  const verify = verifier();
  const [, payload = ''] = (await issuer.token()).split('.');
  const headerOf = (alg: string): string => Buffer.from(JSON.stringify({ alg, kid: 'first' })).toString('base64url');
  for (const alg of ['none', 'HS256']) {
    expect(await verify(`${headerOf(alg)}.${payload}.`)).toMatchObject({ kind: 'refused' });
  }
});

test('keys are asked for once, and again once they are not fresh', async () => {
  const verify = verifier();
  await Promise.all([1, 2, 3].map(async () => verify(await issuer.token())));
  expect(issuer.asked).toBe(1);
  time += 10 * 60_000;
  expect((await verify(await issuer.token())).kind).toBe('valid');
  await expect.poll(() => issuer.asked).toBe(2);
});

test('nobody waits for an issuer that hangs while there are keys', async () => {
  const verify = verifier({ fetchMs: 60_000 });
  await verify(await issuer.token());
  issuer.mood = 'silent';
  time += 10 * 60_000;
  for (let i = 0; i < 3; i++) expect((await verify(await issuer.token())).kind).toBe('valid');
  await expect.poll(() => issuer.asked).toBe(2);
});

test('a new key is found at once, a key that does not exist is not looked for again and again', async () => {
  const verify = verifier();
  const before = await issuer.token();
  expect((await verify(before)).kind).toBe('valid');
  await issuer.rotate('second');
  time += 10_000;
  expect((await verify(await issuer.token())).kind).toBe('valid');
  expect((await verify(before)).kind).toBe('refused');
  for (let i = 0; i < 5; i++)
    expect((await verify(await issuer.token({}, { kid: `made-up-${i}` }))).kind).toBe('refused');
  expect(issuer.asked).toBe(2);
});

test.each(['failing', 'redirecting', 'huge', 'silent'] as const)(
  'an issuer that is %s says nothing about a token',
  async (mood) => {
    issuer.mood = mood;
    const verify = verifier({ fetchMs: 200, fetchBytes: 10_000 });
    const token = await issuer.token();
    for (let i = 0; i < 3; i++) expect(await verify(token)).toEqual({ kind: 'unavailable' });
    expect(issuer.asked).toBe(1);
    expect(log.events).toMatchObject([{ code: 'IssuerUnreachable', fields: { issuer: issuer.url, keysInUse: false } }]);
    issuer.mood = 'well';
    time += 10_000;
    expect((await verify(token)).kind).toBe('valid');
  },
);

test('in an outage the keys of before go on, for a day; of a key that is not among them nothing is known', async () => {
  const verify = verifier();
  const token = await issuer.token();
  await verify(token);
  issuer.mood = 'failing';
  time += 23 * 60 * 60_000;
  expect((await verify(token)).kind).toBe('valid');
  await expect.poll(() => log.events).toMatchObject([{ fields: { keysInUse: true } }]);
  expect((await verify(await issuer.token({}, { kid: 'new' }))).kind).toBe('unavailable');
  time += 60 * 60_000;
  expect((await verify(token)).kind).toBe('unavailable');
});

test('an issuer is believed by its certificate and its own name only; its keys may be named outright', async () => {
  const token = await issuer.token();
  expect((await verifier({ caFile: undefined })(token)).kind).toBe('unavailable');
  expect((await verifier({ issuer: `${issuer.url}/` })(token)).kind).toBe('unavailable');
  expect(log.events.map(({ fields }) => fields.error)).toEqual([
    expect.stringMatching(/self-signed/),
    expect.stringMatching(/is of another issuer/),
  ]);
  expect((await verifier({ jwksUri: `${issuer.url}/keys` })(token)).kind).toBe('valid');
});
