import { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { userPath, usersPath } from '#contract/users-api.ts';
import { TestCluster } from '../../routing/test-support/test-cluster.ts';
import { TestRepository } from '../../routing/test-support/test-repository.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';
import { RecordedLog } from '../../session/test-support/recorded-log.ts';
import { json, startTestImapd, type TestImapd } from '../../test-support/test-imapd.ts';
import { type ScramEnd, scramSignIn } from '../test-support/scram-client.ts';

// Promise: who knows the password signs in by SCRAM-SHA-256, also bound to TLS, and nobody else; nothing tells who exists.

const ADA = { user: 'ada', password: 'pass wörd ½' };
/** Wrong proofs of one address on one user, after which it is not listened to. */
const FAILURES = 4;

const log = new RecordedLog();
let repository: TestRepository;
let cluster: TestCluster;
let imapd: TestImapd;
let certificate: string;
let client: RawClient;
let users = 0;

beforeAll(async () => {
  repository = await TestRepository.start({ members: ['a'] });
  cluster = await TestCluster.start(['users-a']);
  const pem = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha384',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  certificate = pem.cert;
  const tls = { certFile: join(cluster.folder, 'tls.crt'), keyFile: join(cluster.folder, 'tls.key') };
  await writeFile(tls.certFile, pem.cert);
  await writeFile(tls.keyFile, pem.private);
  const authentication = {
    argon2: { memoryKiB: 64, iterations: 1 },
    ...{ scramIterations: 4096, cacheMs: 0, failureDelayMs: 1, maxFailures: FAILURES },
  };
  imapd = await startTestImapd(cluster, {
    log,
    targets: { 'users-a': repository.target('a', 1) },
    more: { tls, authentication },
  });
  await addUser(ADA.user, ADA.password);
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

const addUser = async (name: string, password: string): Promise<void> =>
  expect((await imapd.ask(usersPath, json('POST', { name, password }))).status).toBe(201);

/** A user of the test's own. */
async function newUser(): Promise<{ readonly user: string; readonly password: string }> {
  const user = `user${users++}`;
  await addUser(user, 'first');
  return { user, password: 'first' };
}

/** On a connection of its own. */
async function tries(options: Parameters<typeof scramSignIn>[1]): Promise<ScramEnd> {
  const another = await RawClient.greeted(imapd.imapPort);
  const end = await scramSignIn(another, options);
  another.close();
  return end;
}

const sql = (text: string, values: unknown[] = []): Promise<unknown> => repository.server('a').sql(text, values);
const saltIn = ({ challenge }: ScramEnd): string => /s=([^,]+)/.exec(challenge ?? '')?.[1] ?? '';

test('who knows the password is let in, and shown that the server knows it', async () => {
  const end = await scramSignIn(client, ADA);
  expect(end).toMatchObject({ proven: true, tagged: expect.stringMatching(/^s OK \[CAPABILITY IMAP4rev1 /) });
  expect((await client.command('a SELECT INBOX')).at(-1)).toMatch(/^a OK/);
});

test('the exchange may begin without an initial response, and any spelling of the name will do', async () => {
  expect((await client.command('c CAPABILITY'))[0]).toMatch(/ AUTH=SCRAM-SHA-256 /);
  client.send('a AUTHENTICATE SCRAM-SHA-256\r\n');
  expect(await client.readLine()).toBe('+ ');
  client.send('*\r\n');
  expect((await client.readTagged('a')).at(-1)).toMatch(/^a BAD/);
  expect((await tries({ ...ADA, user: 'ADA', gs2Header: 'n,a=ada,' })).tagged).toMatch(/^s OK/);
});

test('a wrong password is refused, like a user who does not exist; whose salt stays the same', async () => {
  const wrong = await tries({ ...ADA, password: 'guess' });
  const [nobody, again] = [
    await tries({ user: 'nobody', password: 'x' }),
    await tries({ user: 'nobody', password: 'x' }),
  ];
  const refused = expect.stringMatching(/^s NO \[AUTHENTICATIONFAILED\] Wrong user name or password$/);
  for (const end of [wrong, nobody, again]) expect(end).toMatchObject({ proven: false, tagged: refused });
  expect(saltIn(nobody)).toBe(saltIn(again));
  expect(saltIn(nobody)).not.toBe(saltIn(wrong));
  expect(saltIn(nobody)).toHaveLength(saltIn(wrong).length);
  expect(nobody.challenge).toMatch(/,i=4096$/);
});

test('too many wrong proofs shut the source out, for PLAIN as well', async () => {
  const { user, password } = await newUser();
  for (let i = 0; i < FAILURES; i++) expect((await tries({ user, password: 'guess' })).tagged).toMatch(/^s NO \[AUTH/);
  expect((await tries({ user, password })).tagged).toMatch(/^s NO \[LIMIT\]/);
  expect((await client.command(`a LOGIN ${user} ${password}`)).at(-1)).toMatch(/^a NO \[LIMIT\]/);
});

test('nobody acts for another user', async () => {
  expect((await tries({ ...ADA, gs2Header: 'n,a=eve,' })).tagged).toMatch(/^s NO \[AUTHORIZATIONFAILED\]/);
});

test('another password is known at once, the old one not any more', async () => {
  const { user } = await newUser();
  expect((await imapd.ask(userPath(user, 'password'), json('PUT', { password: 'second' }))).status).toBe(204);
  expect((await tries({ user, password: 'first' })).tagged).toMatch(/^s NO/);
  expect((await tries({ user, password: 'second' })).tagged).toMatch(/^s OK/);
});

test('where an imapd of before changed the password, the keys of the old one open nothing', async () => {
  const { user, password } = await newUser();
  await sql(
    'UPDATE mail.account SET password_hash = (SELECT password_hash FROM mail.account WHERE name = $2) WHERE name = $1',
    [user, ADA.user],
  );
  expect((await tries({ user, password })).tagged).toMatch(/^s NO/);
});

test('a user of before gets keys at the next sign-in with the password, by the salt that was shown before', async () => {
  const { user, password } = await newUser();
  await sql('UPDATE mail.account SET scram_keys = NULL, scram_of = NULL WHERE name = $1', [user]);
  const before = await tries({ user, password });
  expect(before.tagged).toMatch(/^s NO/);
  expect((await client.command(`a LOGIN ${user} ${password}`)).at(-1)).toMatch(/^a OK/);
  // A failure delays the next answer, and too many shut out: success is waited for in the database.
  await expect
    .poll(() => sql('SELECT scram_of = password_hash AS kept FROM mail.account WHERE name = $1', [user]))
    .toEqual([{ kept: true }]);
  const after = await tries({ user, password });
  expect(after.tagged).toMatch(/^s OK/);
  expect(saltIn(after)).toBe(saltIn(before));
});

test('keys of another cost are made anew', async () => {
  const { user, password } = await newUser();
  await sql("UPDATE mail.account SET scram_keys = replace(scram_keys, '$4096:', '$8192:') WHERE name = $1", [user]);
  expect((await client.command(`a LOGIN ${user} ${password}`)).at(-1)).toMatch(/^a OK/);
  await expect
    .poll(() => sql("SELECT scram_keys LIKE '%$4096:%' AS cheap FROM mail.account WHERE name = $1", [user]))
    .toEqual([{ cheap: true }]);
  expect((await tries({ user, password })).tagged).toMatch(/^s OK/);
});

test('keys that cannot be read are a wrong password, and a line in the log', async () => {
  const { user, password } = await newUser();
  await sql("UPDATE mail.account SET scram_keys = 'nonsense' WHERE name = $1", [user]);
  expect((await tries({ user, password })).tagged).toMatch(/^s NO \[AUTH/);
  expect(log.events).toContainEqual({ code: 'Unexpected', fields: expect.objectContaining({ user }) });
});

describe('bound to TLS (RFC 5929, RFC 9266)', () => {
  const exporter = (): Buffer =>
    (client.socket as TLSSocket).exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
  const endPoint = async (): Promise<Buffer> =>
    Buffer.from(await crypto.subtle.digest('SHA-384', new Uint8Array(new X509Certificate(certificate).raw)));

  async function secured(maxVersion: 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.3'): Promise<void> {
    await client.command('t STARTTLS');
    await client.startTls(certificate, maxVersion);
  }

  const bound = (type: string, channel: Buffer): Promise<ScramEnd> =>
    scramSignIn(client, { ...ADA, mechanism: 'SCRAM-SHA-256-PLUS', gs2Header: `p=${type},,`, channel });

  test('is offered under TLS alone', async () => {
    expect((await client.command('c CAPABILITY'))[0]).not.toContain('-PLUS');
    expect((await tries({ ...ADA, mechanism: 'SCRAM-SHA-256-PLUS', gs2Header: 'p=tls-exporter,,' })).tagged).toMatch(
      /^s NO/,
    );
    await secured();
    expect((await client.command('c CAPABILITY'))[0]).toContain(' AUTH=SCRAM-SHA-256-PLUS ');
  });

  test('by the exporter of TLS 1.3', async () => {
    await secured();
    expect(await bound('tls-exporter', exporter())).toMatchObject({
      proven: true,
      tagged: expect.stringMatching(/^s OK/),
    });
  });

  test('by the certificate, also of TLS 1.2, which has no such exporter', async () => {
    await secured('TLSv1.2');
    expect((await bound('tls-exporter', exporter())).tagged).toMatch(/^s NO \[CANNOT\]/);
    expect((await bound('tls-server-end-point', await endPoint())).tagged).toMatch(/^s OK/);
  });

  test('another channel is a wrong password', async () => {
    await secured();
    expect((await bound('tls-exporter', Buffer.alloc(32))).tagged).toMatch(/^s NO \[AUTHENTICATIONFAILED\]/);
    expect((await bound('tls-unique', exporter())).tagged).toMatch(/^s NO \[CANNOT\]/);
    expect((await bound('tls-exporter', exporter())).tagged).toMatch(/^s OK/);
  });

  test('who was told that it is not offered has been lied to', async () => {
    await secured();
    expect((await scramSignIn(client, { ...ADA, gs2Header: 'y,,' })).tagged).toMatch(/^s NO \[AUTHENTICATIONFAILED\]/);
    expect((await scramSignIn(client, ADA)).tagged).toMatch(/^s OK/);
  });

  test('the mechanism and the flag go together', async () => {
    await secured();
    const mechanism = 'SCRAM-SHA-256-PLUS';
    expect((await scramSignIn(client, { ...ADA, mechanism })).tagged).toMatch(/^s BAD/);
    expect((await scramSignIn(client, { ...ADA, gs2Header: 'p=tls-exporter,,' })).tagged).toMatch(/^s BAD/);
  });
});
