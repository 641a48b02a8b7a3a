import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ImapFlow } from 'imapflow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { type ImapServer, PASSWORD, startImapServer } from './test-support/imap-server.ts';

// Promise: clients that know nothing of this project find an IMAP server.

const python = await promisify(execFile)('python3', ['--version']).then(
  () => true,
  () => false,
);

describe.each(enginesUnderTest)('%s', (engine) => {
  let server: ImapServer;

  beforeAll(async () => {
    server = await startImapServer({ engine });
  });
  afterAll(() => server.stop());

  function imapflow(secure: boolean): ImapFlow {
    return new ImapFlow({
      host: '127.0.0.1',
      port: secure ? server.tlsPort : server.port,
      secure,
      tls: { ca: server.certificate.certificate, servername: 'localhost' },
      auth: { user: 'ada', pass: PASSWORD },
      logger: false,
    });
  }

  test.each([
    ['STARTTLS', false],
    ['implicit TLS', true],
  ])('imapflow by %s: names, status, appending', async (_, secure) => {
    const client = imapflow(secure);
    await client.connect();
    const folder = secure ? 'Büro/Ein & Aus' : 'Büro/日本語';
    expect(await client.mailboxCreate(folder)).toMatchObject({ path: folder, created: true });
    expect(await client.mailboxCreate(folder)).toMatchObject({ created: false });
    const listed = await client.list({ statusQuery: { messages: true, unseen: true, uidNext: true } });
    expect(listed.map((one) => one.path)).toEqual(expect.arrayContaining(['INBOX', 'Sent', 'Büro', folder]));
    expect(listed.find((one) => one.path === 'Sent')?.specialUse).toBe('\\Sent');
    const appended = await client.append(folder, 'Subject: hello\r\n\r\nBody\r\n', ['\\Seen'], new Date('2020-02-02'));
    expect(appended).toMatchObject({ destination: folder, uid: 1 });
    expect(await client.status(folder, { messages: true, unseen: true, highestModseq: true })).toMatchObject({
      messages: 1,
      unseen: 0,
      highestModseq: expect.any(BigInt),
    });
    expect(await client.mailboxRename(folder, 'Büro/neu')).toMatchObject({ newPath: 'Büro/neu' });
    await client.mailboxDelete('Büro/neu');
    await client.logout();
  });

  test('imapflow hears of a new message while it waits', async () => {
    const [waiting, writing] = [imapflow(true), imapflow(true)];
    await Promise.all([waiting.connect(), writing.connect()]);
    const { exists } = await waiting.mailboxOpen('INBOX');
    const heard = new Promise<number>((resolve) => waiting.on('exists', (event) => resolve(event.count)));
    const idle = waiting.idle();
    await writing.append('INBOX', 'Subject: x\r\n\r\nx');
    expect(await heard).toBe(exists + 1);
    await waiting.noop();
    await idle;
    await Promise.all([waiting.logout(), writing.logout()]);
  });

  test('imapflow compresses by itself, and does as ever', async () => {
    const client = imapflow(true);
    await client.connect();
    const compressing = { name: 'COMPRESS', result: 'OK' };
    expect(server.observer.commands).toEqual(expect.arrayContaining([expect.objectContaining(compressing)]));
    const text = `Subject: compressed\r\n\r\n${'line\r\n'.repeat(50_000)}`;
    const appended = await client.append('Sent', text);
    const lock = await client.getMailboxLock('Sent');
    try {
      const uid = appended === false ? '' : String(appended.uid);
      const message = await client.fetchOne(uid, { source: true }, { uid: true });
      expect(message !== false && message.source?.toString()).toBe(text);
    } finally {
      lock.release();
    }
    await client.logout();
  });

  test('imapflow is told that its password is wrong', async () => {
    const client = new ImapFlow({
      host: '127.0.0.1',
      port: server.port,
      tls: { ca: server.certificate.certificate, servername: 'localhost' },
      auth: { user: 'ada', pass: 'wrong' },
      logger: false,
    });
    await expect(client.connect()).rejects.toMatchObject({ authenticationFailed: true });
  });

  test.skipIf(!python)(`imaplib ${python ? '' : '(left out: there is no python3 on this machine)'}`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'imapcluster-ca-'));
    try {
      const cafile = join(folder, 'ca.pem');
      await writeFile(cafile, server.certificate.certificate);
      const script = join(import.meta.dirname, 'test-support/imaplib_session.py');
      const args = [script, String(server.port), 'ada', PASSWORD, cafile];
      const { stdout } = await promisify(execFile)('python3', args, { timeout: 40_000 });
      expect(stdout.trim()).toBe('done');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
