import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { mostHeldDuring } from '../../session/test-support/held-octets.ts';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';
import { attempt, collect, operation } from '../../store/test-support/store-fixture.ts';
import type { Uid } from '../../store/types.ts';

// Promise (RFC 4469): a message is put together of what the client sends and of what is on the server, octet by octet, in
// bounded memory; where one URL names nothing that this user may read, nothing is stored and the next command is understood.

describe.each(enginesUnderTest)('%s', (engine) => {
  const MiB = 1024 * 1024;
  const ORIGINAL = [
    'From: ada@example.org\r\nTo: bob@example.org\r\nSubject: two parts\r\n',
    'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n',
    '--b\r\nContent-Type: text/plain\r\n\r\nfirst\0part\r\n',
    '--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\nAAECAw==\r\n--b--\r\n',
  ].join('');
  let server: ImapServer;
  let client: RawClient;
  let box: string;
  let boxes = 0;
  let original: Uid;
  let validity: number;

  beforeAll(async () => {
    server = await startImapServer({
      engine,
      protocolLimits: { message: 30 * MiB, appendTogether: 40 * MiB, appendMessages: 4, appendParts: 10, url: 200 },
    });
    original = await server.fixture.append(ORIGINAL);
    validity = (await stateOf('INBOX')).uidValidity;
  });
  afterAll(() => server.stop());

  beforeEach(async () => {
    box = `box${boxes++}`;
    await make(box);
    client = await signedIn('ada');
  });

  afterEach(async () => {
    expect(await client.command('next NOOP')).toEqual(['next OK NOOP completed']);
    client.close();
  });

  async function signedIn(user: string): Promise<RawClient> {
    const made = await RawClient.greeted(server.port);
    expect((await made.command(`in LOGIN ${user} "${PASSWORD}"`)).at(-1)).toMatch(/^in OK/);
    return made;
  }

  async function make(name: string): Promise<void> {
    const { store } = server.fixture;
    await store.createMailbox({ operation: operation(), owner: 'ada', name, specialUse: [] }, attempt);
  }

  async function stateOf(name: string) {
    const found = await server.fixture.store.findMailbox('ada', name, attempt);
    if (found === null) throw new Error('the mailbox is gone');
    return found;
  }

  async function text(uid: number, mailbox = box): Promise<string> {
    const request = { mailbox: (await stateOf(mailbox)).id, uid: uid as Uid, offset: 0, length: 100 * MiB };
    return Buffer.concat(await collect(server.fixture.store.readRaw(request, attempt))).toString('latin1');
  }

  const literal = (octets: string): string => `{${octets.length}+}\r\n${octets}`;
  const last = async (tag: string): Promise<string> => (await client.readTagged(tag)).at(-1) ?? '';
  const url = (rest = ''): string => `"/INBOX;UIDVALIDITY=${validity}/;UID=${original}${rest}"`;
  const expectUntouched = async (): Promise<void> =>
    expect(await stateOf(box)).toMatchObject({ messages: 0, uidNext: 1, highestModSeq: 1, keywords: [] });

  test('a draft gets another attachment: the example of RFC 4469', async () => {
    client.send(`a APPEND ${box} (\\Seen $Work) CATENATE (URL ${url('/;section=HEADER')} TEXT {7}\r\n`);
    expect(await client.readLine()).toMatch(/^\+ /);
    client.send(`\r\n--b\r\n URL ${url('/;section=1.MIME')} URL ${url('/;section=1')} TEXT {7}\r\n`);
    expect(await client.readLine()).toMatch(/^\+ /);
    client.send('\r\n--b\r\n URL {5}\r\n');
    // A URL may be a literal, too; this one is none.
    expect(await client.readLine()).toMatch(/^\+ /);
    client.send('wrong TEXT {9}\r\n');
    expect(await client.readTagged('a')).toEqual([expect.stringMatching(/^a NO \[BADURL wrong\] /)]);
    await expectUntouched();
    const parts = `URL ${url('/;section=HEADER')} TEXT ${literal('--b\r\n')} URL ${url('/;section=1.MIME')}`;
    const asLiteral = url('/;section=1').slice(1, -1);
    client.send(
      `b APPEND ${box} (\\Seen $Work) CATENATE (${parts} URL ${literal(asLiteral)} TEXT ${literal('\r\n--b--\r\n')})\r\n`,
    );
    expect(await last('b')).toMatch(/^b OK \[APPENDUID \d+ 1\] APPEND completed/);
    const [header = '', rest = ''] = ORIGINAL.split('\r\n\r\n--b\r\nContent-Type: text/plain');
    expect(rest).not.toBe('');
    expect(await text(1)).toBe(`${header}\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nfirst\0part\r\n--b--\r\n`);
    expect((await stateOf(box)).keywords).toEqual(['$Work']);
    // It is a message like any other, and reading what it is made of marked nothing as seen.
    await client.command(`s SELECT ${box}`);
    expect((await client.command('f FETCH 1 BODYSTRUCTURE')).join('')).toContain('"mixed"');
    await client.command('s EXAMINE INBOX');
    expect((await client.command(`f UID FETCH ${original} FLAGS`))[0]).toMatch(
      /^\* \d+ FETCH \(UID \d+ FLAGS \((?!.*\\Seen)/,
    );
    await client.command('u UNSELECT');
  });

  test.each([
    ['the whole message', '', ORIGINAL],
    ['its text', '/;section=TEXT', ORIGINAL.slice(ORIGINAL.indexOf('\r\n\r\n') + 4)],
    ['fields of its header', '/;section=HEADER.FIELDS%20(Subject)', 'Subject: two parts\r\n\r\n'],
    ['a part, as it is encoded', '/;section=2', 'AAECAw=='],
    ['octets of a part', '/;section=2/;partial=2.3', 'ECA'],
    ['octets up to the end', '/;section=2/;partial=4', 'Aw=='],
  ])('one URL alone, and no literal: %s', async (_, rest, expected) => {
    expect((await client.command(`a APPEND ${box} CATENATE (URL ${url(rest)})`)).at(-1)).toMatch(/^a OK/);
    expect(await text(1)).toBe(expected);
  });

  describe('URLs are read from the selected mailbox', () => {
    test.each([`;UID=1`, `/;UID=1`, `s%C3%BC%C3%9F/;UID=1`])('%s', async (relative) => {
      await client.command(`c CREATE ${box}/s&APwA3w-`);
      client.send(`p APPEND ${box}/s&APwA3w- ${literal('sweet')}\r\n`);
      expect(await last('p')).toMatch(/^p OK/);
      await client.command(`s SELECT ${box}/s&APwA3w-`);
      client.send(`a APPEND ${box} CATENATE (URL "${relative}" TEXT ${literal('!')})\r\n`);
      expect(await last('a')).toMatch(/^a OK/);
      expect(await text(1)).toBe('sweet!');
      await client.command('u UNSELECT');
    });
  });

  describe('nothing is stored where a URL', () => {
    test.each([
      ['is none', '"nonsense"', 'nonsense'],
      ['holds what a code cannot', '"a]b c\xff"', 'a%5Db%20c%FF'],
      ['names another mailbox of that name', '"/INBOX;UIDVALIDITY=1/;UID=1"', '/INBOX;UIDVALIDITY=1/;UID=1'],
      ['names no mailbox', '"/nowhere/;UID=1"', '/nowhere/;UID=1'],
      ['names no message', '"/INBOX/;UID=4000000000"', '/INBOX/;UID=4000000000'],
      ['names no part', '"/INBOX/;UID=1/;SECTION=9"', '/INBOX/;UID=1/;SECTION=9'],
      ['is relative to nothing', '";UID=1"', ';UID=1'],
      ['is of another server', '"imap://other/INBOX/;UID=1"', 'imap://other/INBOX/;UID=1'],
      [
        'is for whoever has it',
        '"/INBOX/;UID=1;URLAUTH=anonymous:internal:00"',
        '/INBOX/;UID=1;URLAUTH=anonymous:internal:00',
      ],
    ])('%s', async (_, wrong, told) => {
      // The client is spared sending what would be in vain.
      client.send(`a APPEND ${box} ($Work) CATENATE (URL ${url()} URL ${wrong} TEXT {5}\r\n`);
      expect(await client.readTagged('a')).toEqual([`a NO [BADURL ${told}] That URL names no message here`]);
      client.send(
        `b APPEND ${box} CATENATE (TEXT ${literal('b LOGOUT\r\n')} URL ${wrong} TEXT ${literal('c LOGOUT\r\n')})\r\n`,
      );
      expect(await client.readTagged('b')).toEqual([expect.stringMatching(/^b NO \[BADURL /)]);
      await expectUntouched();
    });

    test('is of another user', async () => {
      await server.addUser(`eve${boxes}`);
      const eve = await signedIn(`eve${boxes}`);
      const lines = await eve.command(`a APPEND INBOX CATENATE (URL ${url()})`);
      expect(lines.at(-1)).toMatch(/^a NO \[BADURL /);
      eve.close();
    });

    test('names a message that is expunged, though its content is still here', async () => {
      client.send(`p APPEND ${box} ${literal('one')} ${literal('two')}\r\n`);
      expect(await last('p')).toMatch(/^p OK/);
      await client.command(`s SELECT ${box}`);
      await client.command('d STORE 1 +FLAGS (\\Deleted)');
      await client.command('e EXPUNGE');
      expect((await client.command(`a APPEND ${box} CATENATE (URL /${box}/;UID=1)`)).at(-1)).toMatch(/^a NO \[BADURL /);
      expect((await client.command(`b APPEND ${box} CATENATE (URL /${box}/;UID=2)`)).at(-1)).toMatch(/^b OK/);
    });
  });

  test('several messages in one command, made of URLs, of literals, and as ever: all or none', async () => {
    const named = url('/;section=2');
    client.send(
      `a APPEND ${box} CATENATE (URL ${named}) (\\Flagged) CATENATE (TEXT ${literal('x')}) ${literal('plain')}`,
    );
    client.send(` CATENATE (URL ${named} URL ${named})\r\n`);
    expect(await last('a')).toMatch(/^a OK \[APPENDUID \d+ 1:4\]/);
    expect([await text(1), await text(2), await text(3), await text(4)]).toEqual([
      ...['AAECAw==', 'x', 'plain', 'AAECAw==AAECAw=='],
    ]);
    client.send(`b APPEND ${box} CATENATE (URL ${named}) ${literal('plain')} CATENATE (URL /none/;UID=1)\r\n`);
    expect(await last('b')).toMatch(/^b NO \[BADURL \/none\/;UID=1\]/);
    expect((await stateOf(box)).messages).toBe(4);
  });

  test('a draft is replaced by one that is made of it (RFC 8508)', async () => {
    client.send(`p APPEND ${box} ${literal('Subject: a\r\n\r\nold')}\r\n`);
    await last('p');
    await client.command(`s SELECT ${box}`);
    client.send(`r UID REPLACE 1 ${box} CATENATE (URL ";UID=1/;SECTION=HEADER" TEXT ${literal('new')})\r\n`);
    expect((await client.readTagged('r')).at(-1)).toMatch(/^r OK/);
    expect(await text(2)).toBe('Subject: a\r\n\r\nnew');
    await client.command('u UNSELECT');
  });

  test('an empty message cancels the command', async () => {
    client.send(`a APPEND ${box} CATENATE (TEXT {0+}\r\n)\r\n`);
    expect(await last('a')).toMatch(/^a NO \[CANNOT\]/);
    client.send(`b APPEND ${box} CATENATE (URL ${url()}) CATENATE (URL ${url('/;section=1/;partial=900000')})\r\n`);
    expect(await last('b')).toMatch(/^b NO \[CANNOT\]/);
    await expectUntouched();
  });

  test.each([
    ['more words', 'TEXT {1+}\r\nx) more'],
    ['no end', 'TEXT {1+}\r\nx'],
    ['an unknown part', 'TEXT {1+}\r\nx FILE "a")'],
    ['no URL', 'TEXT {1+}\r\nx URL "")'],
  ])('%s: BAD, and nothing is stored', async (_, parts) => {
    client.send(`a APPEND ${box} CATENATE (${parts}\r\n`);
    expect(await last('a')).toMatch(/^a BAD/);
    await expectUntouched();
  });

  describe('limits hold for what is copied, too', () => {
    test('a message, several together, parts of one command, a URL', async () => {
      client.send(`p APPEND ${box} {${16 * MiB}+}\r\n`);
      for (let sent = 0; sent < 16; sent++) await client.sendAll(Buffer.alloc(MiB, 'x'));
      client.send('\r\n');
      expect(await last('p')).toMatch(/^p OK/);
      const large = `URL /${box}/;UID=1`;
      const refused = async (command: string) => (await client.command(`a APPEND ${box} ${command}`)).at(-1);
      expect(await refused(`CATENATE (${large} ${large})`)).toMatch(/^a NO \[TOOBIG\] Message above/);
      expect(await refused(`CATENATE (${large}) CATENATE (${large}) CATENATE (${large})`)).toMatch(
        /^a NO \[TOOBIG\] Messages together/,
      );
      const small = `URL ${url('/;section=2')}`;
      expect(
        await refused(`CATENATE (${`${small} `.repeat(6).trim()}) CATENATE (${`${small} `.repeat(5).trim()})`),
      ).toMatch(/^a NO \[LIMIT\]/);
      expect(await refused(Array.from({ length: 5 }, () => `CATENATE (${small})`).join(' '))).toMatch(
        /^a NO \[LIMIT\]/,
      );
      expect(await refused(`CATENATE (URL /${'x'.repeat(200)}/;UID=1)`)).toMatch(/^a NO \[TOOBIG\]/);
      expect((await stateOf(box)).messages).toBe(1);
    });

    test('parts are no messages: of one message there may be more, and they are as large as it', async () => {
      const parts = Array.from({ length: 10 }, (_, at) => `TEXT ${literal(`${at}`)}`);
      client.send(`a APPEND ${box} CATENATE (${parts.join(' ')})\r\n`);
      expect(await last('a')).toMatch(/^a OK/);
      expect(await text(1)).toBe('0123456789');
    });

    test('the quota: told before anything is read', async () => {
      const { store } = server.fixture;
      const change = (limit: number | 'default') =>
        store.changeAccount({ operation: operation(), name: 'ada', limits: { STORAGE: limit } }, attempt);
      const { quota } = await stateOf(box);
      await change(quota.STORAGE.used + ORIGINAL.length);
      client.send(`a APPEND ${box} CATENATE (URL ${url()} TEXT {5}\r\n`);
      expect(await client.readTagged('a')).toEqual([expect.stringMatching(/^a NO \[OVERQUOTA\]/)]);
      await change('default');
      await expectUntouched();
    });
  });

  test('what is large streams from the store into the store', { timeout: 60_000 }, async () => {
    const piece = Buffer.from(randomBytes(MiB / 2).toString('hex'));
    client.send(`p APPEND ${box} {${4 * MiB}+}\r\n`);
    for (let sent = 0; sent < 4; sent++) await client.sendAll(piece);
    client.send('\r\n');
    expect(await last('p')).toMatch(/^p OK/);
    const held = await mostHeldDuring(async () => {
      client.send(`a APPEND ${box} CATENATE (URL /${box}/;UID=1 URL /${box}/;UID=1)\r\n`);
      expect(await last('a')).toMatch(/^a OK \[APPENDUID \d+ 2\]/);
    });
    // Less than the 8 MiB that it makes: of each message a piece is read ahead of the one that is stored.
    expect(held).toBeLessThan(7 * MiB);
    expect(await text(2)).toBe(piece.toString('latin1').repeat(8));
  });
});
