import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ImapFlow } from 'imapflow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';

// Promise: clients that know nothing of this project read, search, mark, copy, move and delete mail.

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

  async function connected(options: { readonly qresync?: boolean } = {}): Promise<ImapFlow> {
    const tls = { ca: server.certificate.certificate, servername: 'localhost' };
    const auth = { user: 'ada', pass: PASSWORD };
    const client = new ImapFlow({
      host: '127.0.0.1',
      port: server.tlsPort,
      secure: true,
      tls,
      auth,
      logger: false,
      ...options,
    });
    await client.connect();
    return client;
  }

  const attachment = Buffer.alloc(900_000, 'attachment\n');
  const multipart = [
    'From: Ann <ann@example.org>',
    'To: Bob <bob@example.org>',
    'Date: Sat, 31 Oct 2026 10:00:00 +0100',
    'Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=x',
    '',
    '--x',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'Grüße aus Köln',
    '--x',
    'Content-Type: application/octet-stream; name=big.bin',
    'Content-Transfer-Encoding: base64',
    '',
    attachment.toString('base64').replace(/.{76}/g, '$&\r\n'),
    '--x--',
    '',
  ].join('\r\n');

  test('imapflow works in a mailbox', async () => {
    const client = await connected();
    await client.mailboxCreate('flow');
    await client.mailboxCreate('flow2');
    await client.append('flow', multipart);
    for (let n = 2; n <= 5; n++)
      await client.append('flow', `Subject: n${n}\r\n\r\nbody ${n}\r\n`, n === 2 ? ['\\Seen'] : []);
    const mailbox = await client.mailboxOpen('flow');
    expect(mailbox).toMatchObject({ exists: 5, uidNext: 6, readOnly: false });
    const all = await client.fetchAll('1:*', {
      uid: true,
      flags: true,
      envelope: true,
      bodyStructure: true,
      size: true,
    });
    expect(all.map((message) => message.uid)).toEqual([1, 2, 3, 4, 5]);
    expect(all[0]?.envelope?.subject).toBe('Grüße');
    expect(all[0]?.size).toBe(Buffer.byteLength(multipart));
    expect(all[0]?.bodyStructure?.childNodes?.map((part) => part.type)).toEqual([
      'text/plain',
      'application/octet-stream',
    ]);
    const source = await client.fetchOne('1', { source: true });
    // vitest would take seconds to compare them octet by octet.
    expect(source !== false && source.source?.equals(Buffer.from(multipart))).toBe(true);
    const { content } = await client.download('1', '2');
    const pieces: Buffer[] = [];
    for await (const piece of content ?? []) pieces.push(piece as Buffer);
    expect(Buffer.concat(pieces).equals(attachment)).toBe(true);
    expect(await client.search({ seen: false })).toEqual([1, 3, 4, 5]);
    expect(await client.search({ body: 'Köln' })).toEqual([1]);
    expect(await client.search({ or: [{ subject: 'n3' }, { larger: 100_000 }] })).toEqual([1, 3]);
    expect(await client.messageFlagsAdd('3:4', ['\\Flagged', '$Label1'])).toBe(true);
    expect(await client.search({ keyword: '$Label1' })).toEqual([3, 4]);
    expect(await client.messageCopy('2', 'flow2')).toMatchObject({ uidMap: new Map([[2, 1]]) });
    expect(await client.messageMove('3:4', 'flow2')).toMatchObject({
      uidMap: new Map([
        [3, 2],
        [4, 3],
      ]),
    });
    expect(await client.messageDelete('5', { uid: true })).toBe(true);
    expect(await client.search({ all: true }, { uid: true })).toEqual([1, 2]);
    expect(await client.mailboxOpen('flow2')).toMatchObject({ exists: 3 });
    expect((await client.fetchAll('1:*', { flags: true })).map(({ flags }) => flags?.has('\\Flagged'))).toEqual([
      false,
      true,
      true,
    ]);
    await client.logout();
  });

  test('imapflow that was away is told by QRESYNC what it has missed, and by VANISHED what goes', async () => {
    const other = await connected();
    await other.mailboxCreate('quick');
    for (let n = 1; n <= 6; n++) await other.append('quick', `Subject: n${n}\r\n\r\nbody ${n}\r\n`);
    const before = await other.mailboxOpen('quick');
    // A copy: imapflow goes on counting.
    const known = { uidValidity: before.uidValidity, changedSince: before.highestModseq };
    await other.messageDelete('2:3', { uid: true });
    await other.messageFlagsAdd('5', ['\\Flagged'], { uid: true });

    const client = await connected({ qresync: true });
    const gone: unknown[] = [];
    const changed: unknown[] = [];
    client.on('expunge', ({ uid, vanished, earlier }) => gone.push({ uid, vanished, earlier }));
    client.on('flags', ({ uid, flags }) => changed.push({ uid, flagged: flags?.has('\\Flagged') }));
    const mailbox = await client.mailboxOpen('quick', known);
    expect(mailbox).toMatchObject({ qresync: true, exists: 4 });
    expect(gone).toEqual([2, 3].map((uid) => ({ uid, vanished: true, earlier: true })));
    expect(changed).toEqual([{ uid: 5, flagged: true }]);

    await other.messageDelete('1,6', { uid: true });
    await client.noop();
    expect(gone.slice(2)).toEqual([1, 6].map((uid) => ({ uid, vanished: true, earlier: false })));
    expect(client.mailbox).toMatchObject({ exists: 2 });
    await client.mailboxOpen('INBOX');
    expect(await client.mailboxOpen('quick', { ...known, uidValidity: before.uidValidity + 1n })).toMatchObject({
      qresync: false,
      exists: 2,
    });
    await Promise.all([client.logout(), other.logout()]);
  });

  test.skipIf(!python)(`imaplib ${python ? '' : '(left out: there is no python3 on this machine)'}`, async () => {
    const script = join(import.meta.dirname, '../test-support/imaplib_mailbox.py');
    const args = [script, String(server.port), 'ada', PASSWORD];
    const { stdout } = await promisify(execFile)('python3', args, { timeout: 40_000 });
    expect(stdout.trim()).toBe('done');
  });
});
