import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';

// Promise (RFC 9738): one command works on so many messages at most. It does so for the last ones and tells the lowest UID
// that it came to, from which the client goes on; what is all or nothing is refused. Without a limit nothing changes.

let limited: ImapServer;
let saving: ImapServer;
let client: RawClient;
let box: string;
let boxes = 0;

beforeAll(async () => {
  limited = await startImapServer({
    protocolLimits: { messageLimit: 3, saveLimit: 2 },
    policy: { enabled: ['UIDONLY'] },
  });
  saving = await startImapServer({ protocolLimits: { saveLimit: 3 } });
});
afterAll(async () => {
  await limited?.stop();
  await saving?.stop();
});

beforeEach(async () => {
  client = await inBoxOfFive(limited);
});
afterEach(async () => {
  expect((await client.command('next NOOP')).at(-1)).toBe('next OK NOOP completed');
  client.close();
});

/** Messages 2 to 6 in a mailbox, for the first is expunged; that one is selected. */
async function inBoxOfFive(server: ImapServer): Promise<RawClient> {
  box = `box${boxes++}`;
  const made = await RawClient.greeted(server.port);
  await made.command(`in LOGIN ada "${PASSWORD}"`);
  await made.command(`c CREATE ${box}`);
  await made.command(`c CREATE ${box}.other`);
  for (let at = 1; at <= 6; at++) {
    made.send(`p APPEND ${box} {20+}\r\nSubject: nr ${at}\r\n\r\nabc\r\n`);
    expect((await made.readTagged('p')).at(-1)).toMatch(/^p OK/);
  }
  await made.command(`s SELECT ${box}`);
  await made.command('d STORE 1 +FLAGS.SILENT (\\Deleted)');
  expect((await made.command('e UID EXPUNGE 1')).at(-1)).toMatch(/^e OK EXPUNGE/);
  return made;
}

const done = async (command: string): Promise<string[]> => client.command(`a ${command}`);

test('the limit is announced, and one of saving only where there is no other', async () => {
  expect((await done('CAPABILITY'))[0]).toMatch(/ MESSAGELIMIT=3(?: |$)/);
  expect((await done('CAPABILITY'))[0]).not.toContain('SAVELIMIT');
  const other = await inBoxOfFive(saving);
  expect((await other.command('a CAPABILITY'))[0]).toMatch(/ SAVELIMIT=3(?: |$)/);
  expect((await other.command('a CAPABILITY'))[0]).not.toContain('MESSAGELIMIT');
  other.close();
});

test('FETCH gives the last ones, out of the view and out of the store', async () => {
  for (const items of ['UID', '(UID RFC822.SIZE)']) {
    const lines = await done(`FETCH 1:* ${items}`);
    expect(lines.slice(0, -1).map((line) => /UID (\d+)/.exec(line)?.[1])).toEqual(['4', '5', '6']);
    expect(lines.at(-1)).toMatch(/^a OK \[MESSAGELIMIT 3 4\] FETCH completed/);
  }
  expect((await done('UID FETCH 1:3 FLAGS')).at(-1)).toBe('a OK FETCH completed');
  expect((await done('FETCH 3:5 FLAGS')).at(-1)).toBe('a OK FETCH completed');
});

test('another code goes first: the limit is told before', async () => {
  const lines = await done('FETCH 1:* BINARY[1]');
  expect(lines.at(-1)).toMatch(/^a OK \[MESSAGELIMIT 3 4\]/);
  await done('ENABLE CONDSTORE');
  await done('STORE 1:3 +FLAGS.SILENT (\\Deleted)');
  const expunged = await done('UID EXPUNGE 1:*');
  expect(expunged.at(-1)).toMatch(/^a OK \[HIGHESTMODSEQ \d+\] EXPUNGE completed/);
  await done('STORE 1:* +FLAGS.SILENT (\\Deleted)');
  client.send(`p APPEND ${box} (\\Deleted) {1+}\r\na (\\Deleted) {1+}\r\nb\r\n`);
  await client.readTagged('p');
  const both = await done('UID EXPUNGE 1:*');
  expect(both).toContainEqual(expect.stringMatching(/^\* NO \[MESSAGELIMIT 3 6\]/));
  expect(both.at(-1)).toMatch(/^a OK \[HIGHESTMODSEQ \d+\]/);
});

test('of PARTIAL no more is asked for', async () => {
  expect((await done('UID FETCH 1:* FLAGS (PARTIAL -1:-4)')).at(-1)).toMatch(/^a NO \[MESSAGELIMIT 3\]/);
  expect((await done('UID FETCH 1:* FLAGS (PARTIAL -1:-3)')).at(-1)).toBe('a OK FETCH completed');
});

test('STORE changes the last ones, and the client goes on with the others', async () => {
  expect((await done('UID STORE 1:* +FLAGS.SILENT (\\Flagged)')).at(-1)).toMatch(/^a OK \[MESSAGELIMIT 3 4\] STORE/);
  expect(await done('UID SEARCH UIDAFTER 1 FLAGGED')).toContain('* SEARCH 4 5 6');
  expect((await done('UID STORE 1:3 +FLAGS.SILENT (\\Flagged)')).at(-1)).toBe('a OK STORE completed');
});

test('MOVE moves the last ones; said again it moves the others', async () => {
  const lines = await done(`UID MOVE 1:* ${box}.other`);
  expect(lines[0]).toMatch(/^\* OK \[COPYUID \d+ 4:6 1:3\]/);
  expect(lines.at(-1)).toMatch(/^a OK \[MESSAGELIMIT 3 4\] MOVE/);
  expect((await done(`UID MOVE 1:* ${box}.other`)).at(-1)).toBe('a OK MOVE completed');
  expect(await done(`STATUS ${box}.other (MESSAGES)`)).toContain(`* STATUS ${box}.other (MESSAGES 5)`);
});

test('COPY and APPEND do all or nothing', async () => {
  expect((await done(`COPY 1:4 ${box}.other`)).at(-1)).toMatch(/^a NO \[MESSAGELIMIT 3 3\]/);
  client.send(`p APPEND ${box}.other${' {1+}\r\nx'.repeat(4)}\r\n`);
  expect((await client.readTagged('p')).at(-1)).toMatch(/^p NO \[MESSAGELIMIT 3\]/);
  expect(await done(`STATUS ${box}.other (MESSAGES UIDNEXT)`)).toContain(
    `* STATUS ${box}.other (MESSAGES 0 UIDNEXT 1)`,
  );
  expect((await done(`COPY 1:3 ${box}.other`)).at(-1)).toMatch(/^a OK \[COPYUID/);
});

test('SEARCH looks at the last ones of those that it is about', async () => {
  const all = await done('UID SEARCH SUBJECT nr');
  expect(all).toEqual(['* SEARCH 4 5 6', expect.stringMatching(/^a OK \[MESSAGELIMIT 3 4\] SEARCH completed/)]);
  expect(await done('UID SEARCH UID 1:5 SUBJECT nr')).toEqual([
    '* SEARCH 3 4 5',
    expect.stringMatching(/^a OK \[MESSAGELIMIT 3 3\]/),
  ]);
  expect(await done('SEARCH 1:2 NOT SUBJECT x')).toEqual(['* SEARCH 1 2', 'a OK SEARCH completed']);
  // What is searched counts, not what is found.
  expect((await done('SEARCH OR 1 2')).at(-1)).toMatch(/^a OK \[MESSAGELIMIT 3 4\]/);
});

test('what is saved is what was found among them', async () => {
  expect((await done('SEARCH RETURN (SAVE) ALL')).at(-1)).toMatch(/^a OK \[MESSAGELIMIT 3 4\]/);
  expect(await done('UID SEARCH $')).toEqual(['* SEARCH 4 5 6', 'a OK SEARCH completed']);
});

test('with UIDONLY it is the same', async () => {
  await done('ENABLE UIDONLY');
  const lines = await done('UID FETCH 1:* FLAGS');
  expect(lines.slice(0, -1).map((line) => line.slice(0, 12))).toEqual(['* 4 UIDFETCH', '* 5 UIDFETCH', '* 6 UIDFETCH']);
  expect(lines.at(-1)).toMatch(/^a OK \[MESSAGELIMIT 3 4\] FETCH completed/);
  expect((await done(`UID COPY 1:* ${box}.other`)).at(-1)).toMatch(/^a NO \[MESSAGELIMIT 3 4\]/);
  const moved = await done(`UID MOVE 1:* ${box}.other`);
  expect(moved).toContain('* VANISHED 4:6');
  expect(moved.at(-1)).toMatch(/^a OK \[MESSAGELIMIT 3 4\] MOVE completed/);
});

test('a search that is kept up tells what changes beyond what it has looked at', async () => {
  expect(await done('UID SEARCH RETURN (UPDATE COUNT) FLAGGED')).toEqual([
    '* ESEARCH (TAG "a") UID COUNT 0',
    expect.stringMatching(/^a OK \[MESSAGELIMIT 3 4\]/),
  ]);
  client.send('b UID STORE 2 +FLAGS.SILENT (\\Flagged)\r\n');
  expect(await client.readTagged('b')).toContain('* ESEARCH (TAG "a") UID ADDTO (0 2)');
});

test('SORT and THREAD do all or nothing', async () => {
  expect((await done('SORT (DATE) UTF-8 ALL')).at(-1)).toMatch(/^a NO \[MESSAGELIMIT 3\]/);
  expect((await done('THREAD REFERENCES UTF-8 ALL')).at(-1)).toMatch(/^a NO \[MESSAGELIMIT 3\]/);
  expect((await done('UID SORT (REVERSE ARRIVAL) UTF-8 UID 4:6'))[0]).toBe('* SORT 6 5 4');
});

test('EXPUNGE and CLOSE know no limit', async () => {
  await done('STORE 1:2 +FLAGS.SILENT (\\Deleted)');
  await done('STORE 3:5 +FLAGS.SILENT (\\Deleted)');
  expect((await done('UID EXPUNGE 1:*')).at(-1)).toMatch(/^a OK \[MESSAGELIMIT 3 4\]/);
  client.send(`p APPEND ${box} (\\Deleted) {1+}\r\na (\\Deleted) {1+}\r\nb (\\Deleted) {1+}\r\nb\r\n`);
  await client.readTagged('p');
  expect((await done('EXPUNGE')).at(-1)).toBe('a OK EXPUNGE completed');
  expect(await done(`STATUS ${box} (MESSAGES)`)).toContain(`* STATUS ${box} (MESSAGES 0)`);
});

describe('UIDAFTER and UIDBEFORE (3.2)', () => {
  test.each([
    ['UIDAFTER 4', '* SEARCH 5 6'],
    ['UIDAFTER 6', '* SEARCH'],
    ['UIDAFTER 4294967295', '* SEARCH'],
    ['UIDBEFORE 4', '* SEARCH 2 3'],
    ['UIDBEFORE 1', '* SEARCH'],
    ['UID 4:6 NOT UIDAFTER 5', '* SEARCH 4 5'],
  ])('%s', async (key, expected) => {
    expect((await done(`UID SEARCH UID 2:6 ${key}`))[0]?.trim()).toBe(expected);
  });
});

test('a limit of saving alone leaves everything else', async () => {
  const other = await inBoxOfFive(saving);
  expect((await other.command('a FETCH 1:* FLAGS')).at(-1)).toBe('a OK FETCH completed');
  expect((await other.command('a SORT (DATE) UTF-8 ALL')).at(-1)).toMatch(/^a OK/);
  expect((await other.command(`a COPY 1:4 ${box}.other`)).at(-1)).toMatch(/^a NO \[MESSAGELIMIT 3 3\]/);
  expect((await other.command(`a MOVE 1:4 ${box}.other`)).at(-1)).toBe('a OK MOVE completed');
  other.close();
});
