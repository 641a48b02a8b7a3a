import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ImapServer, PASSWORD, startImapServer } from '../session/test-support/imap-server.ts';

// Promise: the probe ends with 0 where a mail program could sign in, and otherwise says in one line why not.

let server: ImapServer;
let folder: string;
beforeAll(async () => {
  server = await startImapServer();
  await server.fixture.append('Subject: a\r\n\r\na\r\n');
});
afterAll(() => server?.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imapcluster-probe-'));
  await writeFile(join(folder, 'ca.crt'), server.certificate.certificate);
  await credentials('ada', PASSWORD);
});
afterEach(() => rm(folder, { recursive: true }));

async function credentials(username: string, password: string): Promise<void> {
  await writeFile(join(folder, 'username'), username);
  await writeFile(join(folder, 'password'), password);
}

const trusted = { serverName: 'localhost', caFile: 'ca.crt' };

async function probe(change: { readonly tls?: object } & Record<string, unknown>) {
  const { tls = {}, ...rest } = change;
  const inFolder = 'caFile' in tls ? { ...tls, caFile: join(folder, 'ca.crt') } : tls;
  const configuration = {
    host: '127.0.0.1',
    port: server.tlsPort,
    credentialsDirectory: folder,
    ...rest,
    tls: inFolder,
  };
  await writeFile(join(folder, 'probe.json'), JSON.stringify(configuration));
  const words = [join(import.meta.dirname, 'main.ts'), '--config', join(folder, 'probe.json')];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.once('close', resolve);
  const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), promise]);
  return { code, said: code === 0 ? (JSON.parse(output) as unknown) : errors.trimEnd() };
}

const signedIn = { code: 0, said: { user: 'ada', mailbox: 'INBOX', messages: 1, milliseconds: expect.any(Number) } };

test('signs in with TLS from the start', async () => {
  expect(await probe({ tls: trusted })).toEqual(signedIn);
});

test('signs in after STARTTLS', async () => {
  expect(await probe({ port: server.port, tls: { ...trusted, security: 'starttls' } })).toEqual(signedIn);
});

test('a certificate that nobody vouches for, or for another name, is refused; or taken where it is not looked at', async () => {
  expect(await probe({})).toMatchObject({ code: 1, said: expect.stringMatching(/self.signed certificate/) });
  const other = await probe({ tls: { ...trusted, serverName: 'mail.example.org' } });
  expect(other).toMatchObject({ code: 1, said: expect.stringContaining('mail.example.org') });
  expect(await probe({ tls: { verifyCertificate: false } })).toEqual(signedIn);
});

test('a wrong password, and a mailbox that is not there, are told in the words of the server', async () => {
  const missing = await probe({ tls: trusted, mailbox: 'No "such" one' });
  expect(missing).toMatchObject({ code: 1, said: expect.stringMatching(/^EXAMINE "No .*: NO \[NONEXISTENT\]/) });
  await credentials('ada', 'guess {3}');
  expect(await probe({ tls: trusted })).toMatchObject({ code: 1, said: expect.stringMatching(/^LOGIN: NO \[AUTH/) });
});

test('a Secret made by echo is found out', async () => {
  await credentials('ada', `${PASSWORD}\n`);
  expect(await probe({ tls: trusted })).toEqual({ code: 1, said: 'the password in the Secret contains a line break' });
});

test('nobody there, and somebody who says nothing', async () => {
  const silent = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => silent.once('listening', resolve));
  const { port } = silent.address() as { readonly port: number };
  const told = await probe({ port, tls: { security: 'none' }, deadlineMs: 300 });
  expect(told).toEqual({ code: 1, said: `127.0.0.1:${port} did not answer within 300 ms` });
  await new Promise((resolve) => silent.close(resolve));
  expect(await probe({ port })).toMatchObject({ code: 1, said: expect.stringContaining('ECONNREFUSED') });
});

test('a configuration with a slip ends with 2', async () => {
  expect(await probe({ mailboks: 'INBOX' })).toMatchObject({ code: 2, said: expect.stringContaining('/mailboks') });
});
