import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';

// Promise (RFC 6855): who enables UTF8=ACCEPT writes and reads names of mailboxes and headers in UTF-8; others have their
// names in modified UTF-7. What their headers hold is taken as it is (old mail is so), or refused, as the cluster wants it.

const octets = (text: string): string => Buffer.from(text).toString('latin1');
const MESSAGE = octets('From: Ädä <ä@exämple.org>\r\nSubject: Grüße\r\n\r\nüber\r\n');
let server: ImapServer;
/** As RFC 6855 has it. */
let strict: ImapServer;
let client: RawClient;
let former: RawClient;
let users = 0;

beforeAll(async () => {
  server = await startImapServer();
  strict = await startImapServer({ protocolLimits: { eightBitHeaders: 'refuse' } });
});
afterAll(async () => {
  await server?.stop();
  await strict?.stop();
});

beforeEach(async () => {
  const user = `user${users++}`;
  await server.addUser(user);
  [client, former] = [await signedIn(server, user), await signedIn(server, user)];
  expect(await client.command('e ENABLE UTF8=ACCEPT')).toEqual(['* ENABLED UTF8=ACCEPT', 'e OK ENABLE completed']);
});
afterEach(async () => {
  for (const each of [client, former]) {
    expect((await each.command('next NOOP')).at(-1)).toBe('next OK NOOP completed');
    each.close();
  }
});

async function signedIn(of: ImapServer, user: string): Promise<RawClient> {
  const greeted = await RawClient.greeted(of.port);
  expect((await greeted.command(`in LOGIN ${user} "${PASSWORD}"`)).at(-1)).toMatch(/^in OK/);
  return greeted;
}

const literal = (text: string, header = ''): string => `${header}{${text.length}+}\r\n${text}`;
const last = async (of: RawClient, command: string): Promise<string> => {
  of.send(Buffer.from(`a ${command}\r\n`, 'latin1'));
  return (await of.readTagged('a')).at(-1) ?? '';
};
const lines = async (of: RawClient, command: string): Promise<string[]> => {
  of.send(Buffer.from(`a ${octets(command)}\r\n`, 'latin1'));
  return (await of.readTagged('a')).map((line) => Buffer.from(line, 'latin1').toString());
};

test('names of mailboxes are UTF-8 both ways; others see them as ever, and \\Recent stays', async () => {
  expect((await lines(client, 'CREATE "Entwürfe & mehr/日"')).at(-1)).toMatch(/^a OK/);
  expect(await lines(client, 'LIST "" "Entw*"')).toContain('* LIST (\\HasNoChildren) "/" "Entwürfe & mehr/日"');
  expect(await lines(client, 'STATUS "Entwürfe & mehr/日" (MESSAGES)')).toContain(
    '* STATUS "Entwürfe & mehr/日" (MESSAGES 0)',
  );
  expect(await lines(client, 'SELECT "Entwürfe & mehr"')).toContain('* 0 RECENT');
  expect(await lines(client, 'SUBSCRIBE "Entwürfe & mehr"')).toContain('a OK SUBSCRIBE completed');
  expect(await lines(client, 'LSUB "" *')).toContain('* LSUB () "/" "Entwürfe & mehr"');
  expect(await lines(former, 'LIST "" "Entw*"')).toContain('* LIST (\\HasChildren) "/" "Entw&APw-rfe &- mehr"');
  // Who has enabled nothing may write UTF-8 in quotes, too; it is answered in what it is sure to understand.
  expect(await lines(former, 'STATUS "Entwürfe & mehr" (MESSAGES)')).toContain(
    '* STATUS "Entw&APw-rfe &- mehr" (MESSAGES 0)',
  );
});

test('what is no UTF-8 in quotes is BAD, and names hold no separators of lines', async () => {
  expect(await last(client, 'CREATE "\xe9"')).toMatch(/^a BAD/);
  expect(await last(client, 'SEARCH TEXT "\xe9"')).toMatch(/^a BAD/);
  for (const name of ['a\u2028b', 'a\u2029b', 'a\u0085b', 'a\u007fb']) {
    expect(await last(client, `CREATE "${octets(name)}"`)).toMatch(/^a NO \[CANNOT\]/);
  }
});

test('a search is in UTF-8 and names no charset', async () => {
  await client.command('s SELECT INBOX');
  expect(await last(client, 'SEARCH CHARSET UTF-8 ALL')).toMatch(/^a BAD/);
  expect(await last(client, `SEARCH SUBJECT "${octets('ü')}"`)).toMatch(/^a OK/);
  await former.command('s SELECT INBOX');
  expect(await last(former, 'SEARCH CHARSET UTF-8 ALL')).toMatch(/^a OK/);
});

describe('a message with UTF-8 in its header', () => {
  test.each([
    ['as UTF8', `UTF8 (${literal(MESSAGE, '~')})`],
    ['as ever', literal(MESSAGE)],
    ['as a literal8', literal(MESSAGE, '~')],
    ['out of parts', `CATENATE (UTF8 (${literal(MESSAGE.slice(0, 50), '~')}) TEXT ${literal(MESSAGE.slice(50))})`],
  ])('goes in %s, and comes out to everybody as it is', async (_, message) => {
    expect(await last(client, `APPEND INBOX (\\Seen) ${message}`)).toMatch(/^a OK \[APPENDUID/);
    for (const reader of [client, former]) {
      await reader.command('s SELECT INBOX');
      expect((await lines(reader, 'FETCH 1 BODY.PEEK[]')).join('\r\n')).toContain('Subject: Grüße\r\n\r\nüber');
      expect((await lines(reader, 'FETCH 1 ENVELOPE')).join('\r\n')).toContain('\r\nGrüße');
      expect(await lines(reader, 'SEARCH SUBJECT "grüße"')).toContain('* SEARCH 1');
    }
  });

  test.each([
    ['as UTF8', `UTF8 (${literal(MESSAGE, '~')})`],
    ['as ever', literal(MESSAGE)],
    ['out of parts', `CATENATE (TEXT ${literal('A: b\r\n')} UTF8 (${literal(MESSAGE, '~')}))`],
    ['as the second of two', `${literal('A: b\r\n\r\nc')} ${literal(MESSAGE)}`],
  ])('is taken %s from whoever has not enabled it, or refused where the cluster wants that', async (_, message) => {
    expect(await last(former, `APPEND INBOX ${message}`)).toMatch(/^a OK \[APPENDUID/);
    await former.command('s SELECT INBOX');
    expect((await lines(former, 'FETCH * BODY.PEEK[]')).join('\r\n')).toContain('Subject: Grüße\r\n\r\nüber');
    const refused = await signedIn(strict, 'ada');
    expect(await last(refused, `APPEND INBOX ${message}`)).toMatch(/^a NO \[CANNOT\]/);
    expect(await lines(refused, 'STATUS INBOX (MESSAGES UIDNEXT)')).toContain('* STATUS INBOX (MESSAGES 0 UIDNEXT 1)');
    expect(await last(refused, 'NOOP')).toBe('a OK NOOP completed');
    refused.close();
  });

  test('is taken from whoever has enabled it, also where it is refused otherwise', async () => {
    await strict.addUser('eve');
    const eve = await signedIn(strict, 'eve');
    await eve.command('e ENABLE UTF8=ACCEPT');
    expect(await last(eve, `APPEND INBOX ${literal(MESSAGE)}`)).toMatch(/^a OK \[APPENDUID/);
    eve.close();
  });

  test.each([
    ['in its body', octets('A: b\r\n\r\nüber\r\n')],
    ['in its body behind bare line feeds', octets('A: b\n\nüber\n')],
    ['in a body without a header', octets('\r\nüber')],
    ['escaped', 'Subject: =?utf-8?Q?=C3=BC?=\r\n\r\n'],
  ])('8 bits %s are taken from everybody', async (_, message) => {
    const user = `user${users}x`;
    await strict.addUser(user);
    const other = await signedIn(strict, user);
    for (const each of [former, other]) {
      expect(await last(each, `APPEND INBOX ${literal(message)}`)).toMatch(/^a OK/);
    }
    other.close();
  });
});

test('UTF8 (…) is whole, or nothing is stored', async () => {
  for (const end of ['', ' )', ') x', '))']) {
    expect(await last(client, `APPEND INBOX UTF8 (${literal('abc', '~')}${end}`)).toMatch(/^a BAD/);
  }
  expect(await last(client, `APPEND INBOX UTF8 (${literal('a\0b', '~')})`)).toMatch(/^a NO \[UNKNOWN-CTE\]/);
  expect(await last(client, 'APPEND INBOX UTF8 (~{0+}\r\n)')).toMatch(/^a NO \[CANNOT\]/);
  expect(await lines(client, 'STATUS INBOX (MESSAGES)')).toContain('* STATUS INBOX (MESSAGES 0)');
});

test('several messages, each with its own', async () => {
  const two = `${literal('a: b\r\n\r\n')} (\\Seen) UTF8 (${literal(MESSAGE, '~')})`;
  expect(await last(client, `APPEND INBOX UTF8 (${literal(MESSAGE, '~')}) ${two}`)).toMatch(
    /^a OK \[APPENDUID \d+ 1:3\]/,
  );
});

test('it ends with the user (RFC 8437)', async () => {
  await lines(client, 'CREATE "ü"');
  await client.command('u UNAUTHENTICATE');
  await client.command(`in LOGIN user${users - 1} "${PASSWORD}"`);
  expect(await lines(client, 'LIST "" *')).toContain('* LIST (\\HasNoChildren) "/" &APw-');
});

test('where it is switched off, any header is taken, as by a server that has not heard of it', async () => {
  const without = await startImapServer({
    policy: { disabled: ['utf8=accept'] },
    protocolLimits: { eightBitHeaders: 'refuse' },
  });
  const other = await signedIn(without, 'ada');
  expect((await other.command('c CAPABILITY'))[0]).not.toContain('UTF8');
  expect(await other.command('e ENABLE UTF8=ACCEPT')).toContain('* ENABLED');
  expect(await last(other, `APPEND INBOX ${literal(MESSAGE)}`)).toMatch(/^a OK/);
  expect(await last(other, `APPEND INBOX ${literal('A: b\r\n\r\nc')} UTF8 (${literal(MESSAGE, '~')})`)).toMatch(
    /^a BAD/,
  );
  other.close();
  await without.stop();
});
