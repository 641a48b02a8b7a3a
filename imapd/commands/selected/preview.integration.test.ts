import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';
import { attempt, operation } from '../../store/test-support/store-fixture.ts';

// Promise (RFC 8970): each message has a preview of at most 200 characters, the empty one where nothing can be said; NIL is
// only for clients that said LAZY; and a list of messages costs no statement a message.

let server: ImapServer;
let client: RawClient;
let boxes = 0;
let box: string;

beforeAll(async () => {
  server = await startImapServer();
});
afterAll(() => server?.stop());
beforeEach(async () => {
  box = `box${boxes++}`;
  await server.fixture.store.createMailbox(
    { operation: operation(), owner: 'ada', name: box, specialUse: [] },
    attempt,
  );
  client = await RawClient.greeted(server.port);
  await client.command(`l LOGIN ada "${PASSWORD}"`);
  return () => client.close();
});

async function select(...texts: (string | Buffer)[]): Promise<void> {
  for (const text of texts) await server.fixture.append(text, { mailbox: box });
  await client.command(`s SELECT ${box}`);
}

const FAR = `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: image/png\r\n\r\n${'x'.repeat(300_000)}\r\n--b\r\n\r\nfar away\r\n--b--\r\n`;

test('the beginning of the text, beside other items, and without setting \\Seen (3.2)', async () => {
  await select('Subject: x\r\n\r\nHello,\r\nworld.\r\n');
  expect(await client.command('f FETCH 1 (RFC822.SIZE PREVIEW FLAGS)')).toEqual([
    '* 1 FETCH (RFC822.SIZE 30 PREVIEW "Hello, world." FLAGS (\\Recent))',
    'f OK FETCH completed',
  ]);
});

test('in UTF-8, as a literal where it must be (3.3)', async () => {
  await select(Buffer.from('Content-Type: text/plain; charset=iso-8859-1\r\n\r\nCaf\xe9', 'latin1'));
  const text = Buffer.from('Café').toString('latin1');
  expect((await client.command('f FETCH 1 PREVIEW')).join('\r\n')).toBe(
    `* 1 FETCH (PREVIEW {5}\r\n${text})\r\nf OK FETCH completed`,
  );
});

test('200 characters at most', async () => {
  await select(`a: b\r\n\r\n${'x'.repeat(1000)}`);
  expect(await client.command('f FETCH 1 PREVIEW')).toContain(`* 1 FETCH (PREVIEW "${'x'.repeat(200)}")`);
});

test('nothing where there is no text, lazily or not: the empty string, not NIL (3.2)', async () => {
  await select('Content-Type: image/png\r\n\r\nx', '');
  expect(await client.command('f FETCH 1:2 PREVIEW')).toEqual([
    '* 1 FETCH (PREVIEW "")',
    '* 2 FETCH (PREVIEW "")',
    'f OK FETCH completed',
  ]);
  expect(await client.command('f FETCH 1 (PREVIEW (LAZY))')).toContain('* 1 FETCH (PREVIEW "")');
});

test('a text far behind the beginning: NIL for a lazy client only (4.1)', async () => {
  await select(FAR, 'a: b\r\n\r\nnear');
  expect(await client.command('f FETCH 1:2 (PREVIEW (LAZY))')).toEqual([
    '* 1 FETCH (PREVIEW NIL)',
    '* 2 FETCH (PREVIEW "near")',
    'f OK FETCH completed',
  ]);
  expect(await client.command('f FETCH 1:2 (PREVIEW)')).toEqual([
    '* 1 FETCH (PREVIEW "far away")',
    '* 2 FETCH (PREVIEW "near")',
    'f OK FETCH completed',
  ]);
});

test('messages with NUL, and such that are being read whole as well', async () => {
  await select('a: b\r\n\r\nb\0c');
  expect(await client.command('f FETCH 1 PREVIEW')).toContain('* 1 FETCH (PREVIEW "bc")');
  expect((await client.command('f FETCH 1 (PREVIEW BODY.PEEK[])')).join('\r\n')).toContain(
    '(PREVIEW "bc" BODY[] {11}\r\na: b\r\n\r\nb\x80c)',
  );
});

test('one statement for many', async () => {
  await select(...Array.from({ length: 30 }, (_, i) => `a: b\r\n\r\nmessage ${i}\r\n`));
  server.fixture.statementNames.length = 0;
  const lines = await client.command('f FETCH 1:* (PREVIEW (LAZY))');
  expect(lines).toHaveLength(31);
  expect(lines[29]).toBe('* 30 FETCH (PREVIEW "message 29")');
  expect(server.fixture.statementNames.filter((name) => name.startsWith('content'))).toHaveLength(1);
});
