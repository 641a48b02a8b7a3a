import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { mostHeldDuring } from '../../session/test-support/held-octets.ts';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';
import { attempt, operation } from '../../store/test-support/store-fixture.ts';

// Promise (RFC 3516): the server undoes transfer encodings, says how much comes of it, and takes literals that may hold
// any octets; what it cannot decode, or could not give back, it refuses by UNKNOWN-CTE.

describe.each(enginesUnderTest)('%s', (engine) => {
  const MiB = 1024 * 1024;
  let server: ImapServer;
  let client: RawClient;
  let boxes = 0;
  let box: string;

  beforeAll(async () => {
    server = await startImapServer({ engine });
  });
  afterAll(() => server.stop());

  beforeEach(async () => {
    box = `box${boxes++}`;
    await server.fixture.store.createMailbox(
      { operation: operation(), owner: 'ada', name: box, specialUse: [] },
      attempt,
    );
    client = await RawClient.greeted(server.port);
    await client.command(`in LOGIN ada "${PASSWORD}"`);
  });
  afterEach(async () => {
    expect((await client.command('next NOOP')).at(-1)).toBe('next OK NOOP completed');
    client.close();
  });

  /** As mail programs write it: lines of 76 characters. */
  const base64 = (octets: Buffer): string => octets.toString('base64').replace(/.{76}/g, '$&\r\n');

  const part = (encoding: string, body: string): string =>
    `--b\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}\r\n`;
  const message = (...parts: string[]): string =>
    `Subject: =?utf-8?Q?h=C3=A9?=\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${parts.join('')}--b--\r\n`;

  async function select(text: string): Promise<void> {
    await server.fixture.append(Buffer.from(text, 'latin1'), { mailbox: box });
    expect((await client.command(`s SELECT ${box}`)).at(-1)).toMatch(/^s OK/);
  }

  const fetched = async (items: string): Promise<string> => (await client.command(`f FETCH 1 ${items}`)).join('\r\n');

  describe('FETCH (4.2, 4.3)', () => {
    test('a part comes decoded, as a string where it can, as a literal8 where it holds NUL', async () => {
      await select(
        message(
          part('quoted-printable', 'caf=C3=A9 =\r\nau lait'),
          part('BASE64', base64(Buffer.from('a\0b'))),
          part('8bit', 'na\xefve'),
        ),
      );
      expect(await fetched('(BINARY.PEEK[1])')).toBe(
        '* 1 FETCH (BINARY[1] {13}\r\ncaf\xc3\xa9 au lait)\r\nf OK FETCH completed',
      );
      expect(await fetched('(BINARY.PEEK[2])')).toBe('* 1 FETCH (BINARY[2] ~{3}\r\na\0b)\r\nf OK FETCH completed');
      expect(await fetched('(BINARY.PEEK[3])')).toBe('* 1 FETCH (BINARY[3] {5}\r\nna\xefve)\r\nf OK FETCH completed');
    });

    test('sizes and ranges are those of the decoded octets', async () => {
      await select(message(part('base64', base64(Buffer.from('0123456789')))));
      expect(await fetched('(BINARY.SIZE[1] BINARY.PEEK[1]<3.4>)')).toContain(
        '(BINARY.SIZE[1] 10 BINARY[1]<3> {4}\r\n3456)',
      );
      expect(await fetched('(BINARY.PEEK[1]<8.100> BINARY.PEEK[1]<100.5>)')).toContain(
        '(BINARY[1]<8> {2}\r\n89 BINARY[1]<100> {0}\r\n)',
      );
    });

    test('a range is a string or a literal8 by what it holds itself', async () => {
      await select(message(part('base64', base64(Buffer.from('abc\0def')))));
      expect(await fetched('(BINARY.PEEK[1]<0.3>)')).toContain('BINARY[1]<0> {3}\r\nabc)');
      expect(await fetched('(BINARY.PEEK[1]<1.3>)')).toContain('BINARY[1]<1> ~{3}\r\nbc\0)');
    });

    test('the whole message and a multipart are as they are, encoded words and all (5)', async () => {
      const text = message(part('base64', 'YWJj'));
      await select(text);
      expect(await fetched('(BINARY.PEEK[])')).toContain(`BINARY[] {${text.length}}\r\n${text})`);
      expect(await fetched('(BINARY.SIZE[])')).toContain(`(BINARY.SIZE[] ${text.length})`);
    });

    test('a message that is one part has it under 1', async () => {
      await select('Content-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n');
      expect(await fetched('(BINARY.PEEK[1])')).toContain('BINARY[1] {5}\r\nhello)');
    });

    test('a part that there is not', async () => {
      await select(message(part('7bit', 'x')));
      expect(await fetched('(BINARY.PEEK[7] BINARY.SIZE[7])')).toBe(
        '* 1 FETCH (BINARY[7] NIL BINARY.SIZE[7] 0)\r\nf OK FETCH completed',
      );
    });

    test('only BINARY without PEEK sets \\Seen', async () => {
      await select(message(part('7bit', 'x')));
      await fetched('(BINARY.PEEK[1] BINARY.SIZE[1])');
      expect(await fetched('FLAGS')).not.toContain('\\Seen');
      expect(await fetched('(BINARY[1])')).toContain('FLAGS (\\Seen');
    });

    test('an encoding that nobody knows fails the command; what else was asked for is told', async () => {
      await select(message(part('x-uuencode', 'begin 644'), part('base64', 'YWJj')));
      expect(await fetched('(BINARY.PEEK[1])')).toMatch(/^f NO \[UNKNOWN-CTE\]/);
      expect(await fetched('(BINARY.SIZE[1])')).toMatch(/^f NO \[UNKNOWN-CTE\]/);
      expect(await fetched('(UID BINARY.PEEK[1] BINARY.PEEK[2])')).toMatch(
        /^\* 1 FETCH \(UID 1 BINARY\[2\] \{3\}\r\nabc\)\r\nf NO \[UNKNOWN-CTE\]/,
      );
    });

    test('large parts are decoded as they stream, in bounded memory, whole and in ranges', {
      timeout: 60_000,
    }, async () => {
      const octets = randomBytes(12 * MiB);
      await server.fixture.append(message(part('base64', base64(octets))), { mailbox: box });
      await client.command(`s SELECT ${box}`);
      expect(await fetched('(BINARY.SIZE[1])')).toContain(`BINARY.SIZE[1] ${octets.length})`);
      const cut = octets.subarray(9 * MiB, 9 * MiB + 1000).toString('latin1');
      expect(await fetched(`(BINARY.PEEK[1]<${9 * MiB}.1000>)`)).toContain(`{1000}\r\n${cut})`);
      let whole = '';
      const held = await mostHeldDuring(async () => {
        whole = await fetched('(BINARY.PEEK[1])');
      });
      expect(held).toBeLessThan(8 * MiB);
      const from = whole.indexOf('\r\n') + 2;
      expect(whole.slice(0, from)).toBe(`* 1 FETCH (BINARY[1] ~{${octets.length}}\r\n`);
      expect(whole.slice(from, from + octets.length) === octets.toString('latin1')).toBe(true);
      expect(whole.slice(from + octets.length)).toBe(')\r\nf OK FETCH completed');
    });
  });

  describe('APPEND (4.4)', () => {
    test('a literal8 is kept as it is', async () => {
      const text = 'Content-Transfer-Encoding: binary\r\n\r\n\xff\xfe\x01\r\n';
      client.send(`a APPEND ${box} (\\Seen) ~{${text.length}}\r\n`);
      expect(await client.readLine()).toMatch(/^\+ /);
      client.send(`${text}\r\n`);
      expect((await client.readTagged('a')).at(-1)).toMatch(/^a OK \[APPENDUID/);
      await client.command(`s SELECT ${box}`);
      expect(await fetched('(BODY.PEEK[])')).toContain(`BODY[] {${text.length}}\r\n${text})`);
      expect(await fetched('(BODYSTRUCTURE)')).toMatch(/"binary"/i);
    });

    test('one with NUL could not be given back by BODY[]: refused, and nothing is stored', async () => {
      const { length } = 'a: b\r\n\r\n\0';
      client.send(`a APPEND ${box} ~{${length}+}\r\na: b\r\n\r\n\0\r\n`);
      expect((await client.readTagged('a')).at(-1)).toMatch(/^a NO \[UNKNOWN-CTE\]/);
      client.send(`b APPEND ${box} {3+}\r\nabc ~{3+}\r\nd\0f {3+}\r\nghi\r\n`);
      expect((await client.readTagged('b')).at(-1)).toMatch(/^b NO \[UNKNOWN-CTE\]/);
      expect(await server.fixture.store.findMailbox('ada', box, attempt)).toMatchObject({ messages: 0, uidNext: 1 });
    });
  });
});
