import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';

// Promise (RFC 7377): one ESEARCH finds in every mailbox that it names what a SEARCH there would find, tells which mailbox it
// is, selects nothing and holds nothing; so many mailboxes at most.

let server: ImapServer;
let client: RawClient;
let users = 0;
let user: string;
const validities = new Map<string, string>();

beforeAll(async () => {
  server = await startImapServer({ protocolLimits: { searchedMailboxes: 8 } });
});
afterAll(() => server.stop());

/** INBOX (apple, pear), work (apple), work/done (pear), work/done/old (apple), Entwürfe (apple), empty. */
beforeEach(async () => {
  user = `user${users++}`;
  await server.addUser(user);
  client = await signedIn(user);
  for (const name of ['work', 'work/done', 'work/done/old', 'Entw&APw-rfe', 'empty'])
    await client.command(`c CREATE ${name}`);
  await put('INBOX', 'apple', 'pear');
  await put('work', 'apple');
  await put('work/done', 'pear');
  await put('work/done/old', 'apple');
  await put('Entw&APw-rfe', 'apple');
  await client.command('s SUBSCRIBE work/done/old');
  for (const name of ['INBOX', 'work', 'work/done', 'work/done/old', 'Entw&APw-rfe']) {
    const [line = ''] = await client.command(`v STATUS ${name} (UIDVALIDITY)`);
    validities.set(name, /UIDVALIDITY (\d+)/.exec(line)?.[1] ?? '');
  }
});
afterEach(async () => {
  expect((await client.command('next NOOP')).at(-1)).toBe('next OK NOOP completed');
  client.close();
  await expect.poll(() => server.mailboxes.views.watched).toEqual([]);
});

async function signedIn(name: string): Promise<RawClient> {
  const made = await RawClient.greeted(server.port);
  expect((await made.command(`in LOGIN ${name} "${PASSWORD}"`)).at(-1)).toMatch(/^in OK/);
  return made;
}

async function put(mailbox: string, ...subjects: readonly string[]): Promise<void> {
  for (const subject of subjects) {
    const text = `Subject: ${subject}\r\n\r\nx`;
    client.send(`p APPEND ${mailbox} {${text.length}+}\r\n${text}\r\n`);
    expect((await client.readTagged('p')).at(-1)).toMatch(/^p OK/);
  }
}

const told = (name: string, results: string): string =>
  `* ESEARCH (TAG "a" MAILBOX ${name} UIDVALIDITY ${validities.get(name)}) UID ${results}`;
const search = async (command: string): Promise<string[]> => client.command(`a ESEARCH ${command}`);
const answers = async (command: string): Promise<string[]> => {
  const lines = await search(command);
  expect(lines.at(-1)).toBe('a OK ESEARCH completed');
  return lines.slice(0, -1);
};

test.each([
  ['personal', ['Entw&APw-rfe', 'INBOX', 'work', 'work/done/old']],
  ['inboxes', ['Entw&APw-rfe', 'INBOX', 'work', 'work/done/old']],
  ['subscribed', ['INBOX', 'work/done/old']],
  ['mailboxes work', ['work']],
  ['mailboxes (work "INBOX" nowhere empty)', ['INBOX', 'work']],
  ['subtree work', ['work', 'work/done/old']],
  ['subtree-one work', ['work']],
  ['SUBTREE-ONE (work/done) Mailboxes INBOX', ['INBOX', 'work/done/old']],
  ['mailboxes work subtree work', ['work', 'work/done/old']],
  ['mailboxes "Entw\xc3\xbcrfe"', ['Entw&APw-rfe']],
])('IN (%s): each mailbox in which there is something, once', async (sources, expected) => {
  const found = await answers(`IN (${sources}) SUBJECT apple`);
  expect(found.toSorted()).toEqual(expected.map((name) => told(name, 'ALL 1')).toSorted());
});

test('results are asked for as of SEARCH, each of its mailbox', async () => {
  expect(await answers('IN (mailboxes INBOX) RETURN (MIN MAX COUNT) ALL')).toEqual([
    told('INBOX', 'MIN 1 MAX 2 COUNT 2'),
  ]);
  expect(await answers('IN (mailboxes (INBOX empty)) RETURN (COUNT) SUBJECT nothing')).toEqual([]);
  expect(await answers('IN (mailboxes INBOX) RETURN (PARTIAL -1:-1) ALL')).toEqual([
    told('INBOX', 'PARTIAL (-1:-1 2)'),
  ]);
  expect((await answers('IN (mailboxes INBOX) MODSEQ 1'))[0]).toMatch(/ UID ALL 1:2 MODSEQ \d+$/);
  expect(await answers('IN (mailboxes (INBOX work)) CHARSET UTF-8 2')).toEqual([told('INBOX', 'ALL 2')]);
});

test('the selected mailbox is searched as its session sees it, and stays selected', async () => {
  expect((await search('SUBJECT apple')).at(-1)).toMatch(/^a BAD/);
  expect((await search('IN (selected inboxes) SUBJECT apple')).at(-1)).toMatch(/^a BAD/);
  await client.command('s SELECT work');
  expect(await answers('SUBJECT apple')).toEqual([told('work', 'ALL 1')]);
  expect(await answers('IN (selected) SUBJECT pear')).toEqual([]);
  expect((await answers('IN (selected mailboxes (INBOX work)) SUBJECT apple')).toSorted()).toEqual([
    ...[told('INBOX', 'ALL 1'), told('work', 'ALL 1')],
  ]);
  const other = await signedIn(user);
  await other.command('s SELECT work');
  await other.command('d STORE 1 +FLAGS.SILENT (\\Deleted)');
  await other.command('e EXPUNGE');
  other.close();
  expect((await client.command('f FETCH 1 FLAGS')).at(-1)).toMatch(/^f OK/);
  expect(await answers('IN (selected mailboxes INBOX) ALL')).toEqual([
    ...[told('work', 'ALL 1'), told('INBOX', 'ALL 1:2')],
    '* 1 EXPUNGE',
  ]);
  expect(await answers('ALL')).toEqual([]);
  await client.command('u UNSELECT');
});

test('SAVE is for the selected mailbox alone', async () => {
  await client.command('s SELECT INBOX');
  expect((await search('IN (inboxes) RETURN (SAVE) ALL')).at(-1)).toMatch(/^a BAD/);
  expect((await search('IN (selected inboxes) RETURN (SAVE) ALL')).at(-1)).toMatch(/^a BAD/);
  expect(await answers('IN (selected) RETURN (SAVE) SUBJECT pear')).toEqual([]);
  expect(await client.command('b UID SEARCH $')).toContain('* SEARCH 2');
  expect(await answers('IN (selected) RETURN (SAVE COUNT) $')).toEqual([told('INBOX', 'COUNT 1')]);
  // In another mailbox nothing is saved.
  expect(await answers('IN (mailboxes work) UID $')).toEqual([]);
  await client.command('u UNSELECT');
});

test('so many mailboxes at most, named or found', async () => {
  for (let at = 0; at < 4; at++) {
    await client.command(`c CREATE more${at}`);
    await put(`more${at}`, 'x');
  }
  expect((await search('IN (personal) ALL')).at(-1)).toMatch(/^a NO \[LIMIT\]/);
  expect((await search(`IN (mailboxes (${'work '.repeat(9).trim()})) ALL`)).at(-1)).toMatch(/^a NO \[LIMIT\]/);
  expect((await search(`IN (mailboxes (${'work '.repeat(5).trim()}) subtree (a b c d)) ALL`)).at(-1)).toMatch(
    /^a NO \[LIMIT\]/,
  );
  expect((await answers('IN (mailboxes (more0 more1 more2)) ALL')).length).toBe(3);
});

test.each([
  'IN () ALL',
  'IN (nonsense) ALL',
  'IN (selected-delayed) ALL',
  'IN (mailboxes) ALL',
  'IN (mailboxes ()) ALL',
  'IN (personal)',
  'IN (personal) RETURN (NONSENSE) ALL',
  'IN (personal) (option) ALL x',
])('ESEARCH %s is BAD', async (command) => {
  expect((await search(command)).at(-1)).toMatch(/^a BAD/);
});

test('a charset that nobody knows is refused; nobody finds what is others’', async () => {
  expect((await search('IN (personal) CHARSET x-none ALL')).at(-1)).toMatch(/^a NO \[BADCHARSET/);
  await server.addUser(`${user}x`);
  const other = await signedIn(`${user}x`);
  expect(await other.command('a ESEARCH IN (personal mailboxes (work work/done)) ALL')).toEqual([
    'a OK ESEARCH completed',
  ]);
  other.close();
});

test('names are UTF-8 for who has enabled that', async () => {
  await client.command('e ENABLE IMAP4rev2');
  const [line = ''] = await answers('IN (mailboxes "Entw\xc3\xbcrfe") ALL');
  expect(Buffer.from(line, 'latin1').toString()).toContain('MAILBOX "Entwürfe" UIDVALIDITY');
});
