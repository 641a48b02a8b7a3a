import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { usersPath } from '#contract/users-api.ts';
import { TestCluster } from '../routing/test-support/test-cluster.ts';
import { TestRepository } from '../routing/test-support/test-repository.ts';
import { RawClient } from '../session/test-support/raw-client.ts';
import { RecordedLog } from '../session/test-support/recorded-log.ts';
import { json, startTestImapd, type TestImapd } from '../test-support/test-imapd.ts';
import { type CertificatePair, TestAuthority } from './test-support/test-authority.ts';

// Promise (RFC 4422, appendix A): whoever shows a certificate of the authority signs in as the user that it names, without a
// password; a certificate that does not hold opens nothing, and keeps nobody from signing in otherwise.

const DAY_MS = 24 * 60 * 60 * 1000;
const log = new RecordedLog();
let authority: TestAuthority;
let trusted: string;
let repository: TestRepository;
let cluster: TestCluster;
let imapd: TestImapd;
let client: RawClient;

beforeAll(async () => {
  authority = await TestAuthority.create('clients');
  const other = await TestAuthority.create('servers');
  const server = await other.issue({ commonName: 'localhost', usage: 'server' });
  repository = await TestRepository.start({ members: ['a'] });
  cluster = await TestCluster.start(['users-a']);
  const files = { 'tls.crt': server.cert, 'tls.key': server.key, 'clients.crt': authority.certificate };
  for (const [name, text] of Object.entries(files)) await writeFile(join(cluster.folder, name), text);
  const [certFile = '', keyFile = '', caFile = ''] = Object.keys(files).map((name) => join(cluster.folder, name));
  trusted = other.certificate;
  imapd = await startTestImapd(cluster, {
    log,
    targets: { 'users-a': repository.target('a', 1) },
    more: {
      listen: { imap: { host: '127.0.0.1', port: 0 }, imaps: { host: '127.0.0.1', port: 0 } },
      tls: { certFile, keyFile, lookMs: 20 },
      authentication: { argon2: { memoryKiB: 64, iterations: 1 }, failureDelayMs: 1, clientCertificates: { caFile } },
    },
  });
  for (const name of ['ada@example.org', 'bob@example.org']) {
    expect((await imapd.ask(usersPath, json('POST', { name, password: 'secret' }))).status).toBe(201);
  }
});
afterAll(async () => {
  await imapd?.stop();
  await cluster?.close();
  await repository?.close();
});
beforeEach(async () => {
  client = await RawClient.greeted(imapd.imapPort);
});
afterEach(() => client.close());

type Own = Partial<CertificatePair> & { readonly session?: Buffer };
async function secured(own: Own, version: 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.3'): Promise<string> {
  await client.command('t STARTTLS');
  await client.startTls(trusted, version, own);
  return (await client.command('c CAPABILITY'))[0] ?? '';
}
const ada = (more: object = {}): Promise<CertificatePair> =>
  authority.issue({ commonName: 'Ada', emails: ['Ada@example.org'], ...more });
const last = async (line: string): Promise<string> => (await client.command(line)).at(-1) ?? '';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

test.each(['TLSv1.2', 'TLSv1.3'] as const)('a certificate lets its user in, by STARTTLS and %s', async (version) => {
  expect(await secured(await ada(), version)).toContain(' AUTH=EXTERNAL');
  expect(await last('a AUTHENTICATE EXTERNAL =')).toMatch(/^a OK \[CAPABILITY /);
  expect(await last('b SELECT INBOX')).toMatch(/^b OK/);
  expect(log.events.filter(({ code }) => code === 'LoginFailed')).toEqual([]);
});

test('the same under TLS from the first octet, by continuation', async () => {
  const own = await ada();
  const direct = await RawClient.connect(imapd.imapsPort);
  await direct.startTls(trusted, 'TLSv1.3', own);
  expect(await direct.readLine()).toContain(' AUTH=EXTERNAL');
  direct.send('a AUTHENTICATE EXTERNAL\r\n');
  expect(await direct.readLine()).toBe('+ ');
  direct.send(`${base64('ADA@EXAMPLE.ORG')}\r\n`);
  expect((await direct.readTagged('a')).at(-1)).toMatch(/^a OK/);
  direct.close();
});

test('without TLS, or without a certificate, it is not there', async () => {
  expect((await client.command('c CAPABILITY'))[0]).not.toContain('EXTERNAL');
  expect(await last('a AUTHENTICATE EXTERNAL =')).toMatch(/^a NO \[CANNOT\]/);
  expect(await secured({})).not.toContain('EXTERNAL');
  expect(await last('a AUTHENTICATE EXTERNAL =')).toMatch(/^a NO \[CANNOT\]/);
  expect(await last('b LOGIN ada@example.org secret')).toMatch(/^b OK/);
});

type Bad = { readonly name: string; readonly make: () => Promise<CertificatePair> };
const bad: readonly Bad[] = [
  {
    name: 'of another authority',
    make: async () => (await TestAuthority.create('clients')).issue({ commonName: 'Ada', emails: ['ada@example.org'] }),
  },
  {
    name: 'that has expired',
    make: () => ada({ from: new Date(Date.now() - 2 * DAY_MS), until: new Date(Date.now() - DAY_MS) }),
  },
  { name: 'that is not good yet', make: () => ada({ from: new Date(Date.now() + DAY_MS) }) },
  { name: 'for servers', make: () => ada({ usage: 'server' }) },
];

test.each(bad)('a certificate $name opens nothing, and a password still does', async ({ make }) => {
  expect(await secured(await make())).not.toContain('EXTERNAL');
  expect(await last('a AUTHENTICATE EXTERNAL =')).toMatch(/^a NO \[CANNOT\]/);
  expect(await last('b LOGIN ada@example.org secret')).toMatch(/^b OK/);
});

test('nobody else, and nobody who does not exist', async () => {
  await secured(await ada());
  expect(await last(`a AUTHENTICATE EXTERNAL ${base64('bob@example.org')}`)).toMatch(/^a NO \[AUTHORIZATIONFAILED\]/);
  expect(await last(`a AUTHENTICATE EXTERNAL ${base64('ada\0')}`)).toMatch(/^a BAD/);
  client.close();
  client = await RawClient.greeted(imapd.imapPort);
  await secured(await ada({ emails: ['eve@example.org'] }));
  expect(await last('a AUTHENTICATE EXTERNAL =')).toMatch(/^a NO \[AUTHENTICATIONFAILED\]/);
});

test('where a certificate names several users, the client says which one', async () => {
  await secured(await ada({ emails: ['ada@example.org', 'bob@example.org'] }));
  expect(await last('a AUTHENTICATE EXTERNAL =')).toMatch(/^a NO \[AUTHORIZATIONFAILED\]/);
  expect(await last(`a AUTHENTICATE EXTERNAL ${base64('bob@example.org')}`)).toMatch(/^a OK/);
});

test('the session ends with the certificate', async () => {
  const until = new Date(Date.now() + 3_000);
  await secured(await ada({ from: new Date(Date.now() - DAY_MS), until }));
  expect(await last('a AUTHENTICATE EXTERNAL =')).toMatch(/^a OK/);
  expect(await client.readToEnd()).toEqual(['* BYE What you signed in by has expired, please sign in again']);
  expect(Date.now()).toBeGreaterThanOrEqual(Math.floor(until.getTime() / 1000) * 1000);
});

test.each([
  { version: 'TLSv1.2', shown: true },
  { version: 'TLSv1.2', shown: false },
  { version: 'TLSv1.3', shown: true },
  { version: 'TLSv1.3', shown: false },
] as const)('a $version session is resumed, with the certificate of before or none: $shown', async (given) => {
  const { version, shown } = given;
  await secured(shown ? await ada() : {}, version);
  const session = client.tlsSession ?? Buffer.of();
  client.close();
  client = await RawClient.greeted(imapd.imapPort);
  const capabilities = await secured({ session }, version);
  expect(client.resumed).toBe(true);
  expect(capabilities.includes(' AUTH=EXTERNAL')).toBe(shown);
  expect(await last('a AUTHENTICATE EXTERNAL =')).toMatch(shown ? /^a OK/ : /^a NO \[CANNOT\]/);
});

test('a session that is resumed shows no certificate that has ended meanwhile', async () => {
  const until = new Date(Date.now() + 2_000);
  await secured(await ada({ from: new Date(Date.now() - DAY_MS), until }));
  const session = client.tlsSession ?? Buffer.of();
  await expect.poll(() => Date.now(), { timeout: 5_000 }).toBeGreaterThan(until.getTime());
  client.close();
  client = await RawClient.greeted(imapd.imapPort);
  expect(await secured({ session })).not.toContain('EXTERNAL');
  expect(client.resumed).toBe(true);
});

test('another authority is taken up without a restart', async () => {
  const next = await TestAuthority.create('next');
  await writeFile(join(cluster.folder, 'clients.crt'), next.certificate);
  await expect.poll(() => log.codes()).toContain('CertificateRenewed');
  const own = await next.issue({ commonName: 'Ada', emails: ['ada@example.org'] });
  expect(await secured(own)).toContain(' AUTH=EXTERNAL');
});
