import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { usersPath } from '#contract/users-api.ts';
import { TestCluster } from '../../routing/test-support/test-cluster.ts';
import { TestRepository } from '../../routing/test-support/test-repository.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';
import { RecordedLog } from '../../session/test-support/recorded-log.ts';
import { json, startTestImapd, type TestImapd } from '../../test-support/test-imapd.ts';
import { TestIssuer } from './test-support/test-issuer.ts';

// Promise (RFC 7628): who has a token of the issuer is let in as the user it names, for as long as it lasts; whoever has not
// is told why, in JSON.

const log = new RecordedLog();
let issuer: TestIssuer;
let repository: TestRepository;
let cluster: TestCluster;
let imapd: TestImapd;
let client: RawClient;

beforeAll(async () => {
  issuer = await TestIssuer.start();
  repository = await TestRepository.start({ members: ['a'] });
  cluster = await TestCluster.start(['users-a']);
  const caFile = join(cluster.folder, 'issuer.crt');
  await writeFile(caFile, issuer.ca);
  const oauth = { issuer: issuer.url, audience: 'mail', caFile, clockSkewMs: 0, scope: 'mail' };
  imapd = await startTestImapd(cluster, {
    log,
    targets: { 'users-a': repository.target('a', 1) },
    more: { authentication: { argon2: { memoryKiB: 64, iterations: 1 }, passwords: false, oauth } },
  });
  const added = await imapd.ask(usersPath, json('POST', { name: 'ada', password: 'secret' }));
  expect(added.status).toBe(201);
});
afterAll(async () => {
  await imapd?.stop();
  await cluster?.close();
  await repository?.close();
  await issuer?.close();
});
beforeEach(async () => {
  client = await RawClient.greeted(imapd.imapPort);
});
afterEach(() => client.close());

const base64 = (text: string): string => Buffer.from(text.replaceAll('^', '\u0001')).toString('base64');
const bearer = (token: string, header = 'n,,'): string =>
  `a AUTHENTICATE OAUTHBEARER ${base64(`${header}^auth=Bearer ${token}^^`)}`;
const xoauth2 = (token: string, user: string): string =>
  `a AUTHENTICATE XOAUTH2 ${base64(`user=${user}^auth=Bearer ${token}^^`)}`;
const token = (claims: object = {}): Promise<string> => issuer.token({ scope: 'mail', ...claims });
const last = async (line: string): Promise<string> => (await client.command(line)).at(-1) ?? '';

/** The answer to a token that is not accepted, and the end. */
async function refusedWith(line: string, answer: string): Promise<{ readonly said: unknown; readonly end: string }> {
  client.send(`${line}\r\n`);
  const challenge = (await client.readLine()) ?? '';
  expect(challenge).toMatch(/^\+ ./);
  client.send(`${answer}\r\n`);
  const said: unknown = JSON.parse(Buffer.from(challenge.slice(2), 'base64').toString());
  return { said, end: (await client.readTagged('a')).at(-1) ?? '' };
}

test('tokens are offered, and passwords are not, where they are switched off', async () => {
  const [capabilities = ''] = await client.command('c CAPABILITY');
  expect(capabilities).toMatch(/ LOGINDISABLED .*AUTH=OAUTHBEARER AUTH=XOAUTH2/);
  expect(capabilities).not.toMatch(/AUTH=(PLAIN|LOGIN|SCRAM)/);
  expect(await last('a LOGIN ada secret')).toMatch(/^a NO \[CANNOT\]/);
  expect(await last(`a AUTHENTICATE PLAIN ${base64('\0ada\0secret')}`)).toMatch(/^a NO \[CANNOT\]/);
});

test.each([
  { name: 'OAUTHBEARER', line: (given: string) => bearer(given) },
  { name: 'OAUTHBEARER with the name', line: (given: string) => bearer(given, 'n,a=ADA,') },
  { name: 'XOAUTH2', line: (given: string) => xoauth2(given, 'ada') },
])('$name lets the user of a token in', async ({ line }) => {
  expect(await last(line(await token()))).toMatch(/^a OK \[CAPABILITY /);
  expect(await last('b SELECT INBOX')).toMatch(/^b OK/);
});

test('the token may come after a continuation, and be given up', async () => {
  client.send('a AUTHENTICATE OAUTHBEARER\r\n');
  expect(await client.readLine()).toBe('+ ');
  client.send('*\r\n');
  expect((await client.readTagged('a')).at(-1)).toMatch(/^a BAD/);
  client.send('a AUTHENTICATE OAUTHBEARER\r\n');
  expect(await client.readLine()).toBe('+ ');
  client.send(`${base64(`n,,^auth=Bearer ${await token()}^^`)}\r\n`);
  expect((await client.readTagged('a')).at(-1)).toMatch(/^a OK/);
});

test('a token that is not accepted is answered in JSON, then by NO', async () => {
  const discovery = `${issuer.url}/.well-known/openid-configuration`;
  const invalid = { status: 'invalid_token', scope: 'mail', 'openid-configuration': discovery };
  expect(await refusedWith(bearer(await token({ aud: 'web' })), 'AQ==')).toEqual({
    said: invalid,
    end: expect.stringMatching(/^a NO \[AUTHENTICATIONFAILED\]/),
  });
  expect(await refusedWith(bearer(await token({ exp: 1_000 })), 'AQ==')).toEqual({
    said: invalid,
    end: expect.stringMatching(/^a NO \[EXPIRED\]/),
  });
  expect(await refusedWith(bearer(await token({ scope: 'web' })), '*')).toEqual({
    said: { ...invalid, status: 'insufficient_scope' },
    end: expect.stringMatching(/^a BAD/),
  });
  expect(await refusedWith(xoauth2(await token({ email: 'nobody' }), 'nobody'), '')).toEqual({
    said: { status: '401', schemes: 'bearer', scope: 'mail' },
    end: expect.stringMatching(/^a NO \[AUTHENTICATIONFAILED\]/),
  });
  expect(log.events).toContainEqual({
    code: 'LoginFailed',
    fields: expect.objectContaining({ user: 'nobody', token: 'there is no user nobody' }),
  });
});

test('nobody acts for another user by a token, and no message is no sign-in', async () => {
  expect(await last(bearer(await token(), 'n,a=eve,'))).toMatch(/^a NO \[AUTHORIZATIONFAILED\]/);
  expect(await last(xoauth2(await token(), 'eve'))).toMatch(/^a NO \[AUTHORIZATIONFAILED\]/);
  expect(await last(`a AUTHENTICATE OAUTHBEARER ${base64('n,,^^')}`)).toMatch(/^a BAD/);
});

test('five failures end the connection', async () => {
  for (let i = 0; i < 4; i++) await refusedWith(bearer('abc'), 'AQ==');
  client.send(`${bearer('abc')}\r\n`);
  await client.readLine();
  client.send('AQ==\r\n');
  expect((await client.readToEnd()).at(-1)).toMatch(/^\* BYE Too many failed attempts/);
});

test('the session ends with its token: between two commands, also out of IDLE', async () => {
  const exp = Math.floor(Date.now() / 1000) + 2;
  const idle = await RawClient.greeted(imapd.imapPort);
  await idle.command(bearer(await token({ exp })));
  await idle.command('b SELECT INBOX');
  idle.send('c IDLE\r\n');
  expect(await idle.readLine()).toMatch(/^\+ /);
  expect(await last(bearer(await token({ exp })))).toMatch(/^a OK/);
  const [ended, idled] = await Promise.all([client.readToEnd(), idle.readToEnd()]);
  expect(Date.now()).toBeGreaterThanOrEqual(exp * 1000);
  expect(ended).toEqual(['* BYE What you signed in by has expired, please sign in again']);
  expect(idled.at(-1)).toBe('* BYE What you signed in by has expired, please sign in again');
  expect(log.events).toContainEqual({ code: 'SessionClosed', fields: expect.objectContaining({ reason: 'expired' }) });
});

test('who signs out in time stays, and a longer token counts from then', async () => {
  const exp = Math.floor(Date.now() / 1000) + 1;
  await client.command(bearer(await token({ exp })));
  expect(await last('b UNAUTHENTICATE')).toMatch(/^b OK/);
  expect(await last(bearer(await token()))).toMatch(/^a OK/);
  await expect.poll(() => Date.now()).toBeGreaterThan(exp * 1000 + 700);
  expect(await last('d NOOP')).toMatch(/^d OK/);
});
