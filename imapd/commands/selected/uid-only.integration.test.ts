import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';
import { attempt, operation } from '../../store/test-support/store-fixture.ts';
import { systemFlags } from '../../store/types.ts';

// Promise: RFC 9586. Who has enabled UIDONLY neither hears nor may say a message number; others are served as before.

let server: ImapServer;
let box = '';
let boxes = 0;
const clients: RawClient[] = [];

beforeAll(async () => {
  server = await startImapServer({ policy: { enabled: ['UIDONLY'] } });
});
/** A mailbox with the messages of UID 2 to 4, the last one seen. */
beforeEach(async () => {
  box = `box${boxes++}`;
  const { store } = server.fixture;
  await store.createMailbox({ operation: operation(), owner: 'ada', name: box, specialUse: [] }, attempt);
  for (let n = 1; n <= 4; n++) {
    await server.fixture.append(`Subject: ${n}\r\n\r\nx\r\n`, {
      mailbox: box,
      system: n === 4 ? systemFlags['\\Seen'] : 0,
    });
  }
  const client = await signedIn();
  await client.command(`s SELECT ${box}`);
  await client.command('d STORE 1 +FLAGS.SILENT (\\Deleted)');
  await client.command('x CLOSE');
});
afterAll(async () => {
  for (const client of clients) client.close();
  await server?.stop();
});

async function signedIn(): Promise<RawClient> {
  const client = await RawClient.greeted(server.port);
  clients.push(client);
  await client.command(`l LOGIN ada "${PASSWORD}"`);
  return client;
}

async function enabled(what = 'UIDONLY'): Promise<RawClient> {
  const client = await signedIn();
  expect((await client.command(`e ENABLE ${what}`))[0]).toBe(`* ENABLED ${what}`);
  expect((await client.command(`s SELECT ${box}`)).at(-1)).toMatch(/^s OK \[READ-WRITE\]/);
  return client;
}

const last = async (client: RawClient, command: string): Promise<string> =>
  (await client.command(command)).at(-1) ?? '';

it('is not there unless the cluster asks for it', async () => {
  const other = await startImapServer();
  try {
    const client = await RawClient.greeted(other.port);
    await client.command(`l LOGIN ada "${PASSWORD}"`);
    expect((await client.command('c CAPABILITY'))[0]).not.toContain('UIDONLY');
    expect(await client.command('e ENABLE UIDONLY')).toEqual(['* ENABLED', 'e OK ENABLE completed']);
    client.close();
  } finally {
    await other.stop();
  }
});

it('SELECT counts messages, and names none by its number', async () => {
  const client = await signedIn();
  expect((await client.command('c CAPABILITY'))[0]).toContain(' UIDONLY');
  expect((await client.command(`s SELECT ${box}`)).join()).toContain('[UNSEEN 1]');
  await client.command('e ENABLE UIDONLY');
  const lines = await client.command(`t SELECT ${box}`);
  expect(lines).toContain('* 3 EXISTS');
  expect(lines.join()).not.toContain('UNSEEN');
});

describe('a command that names message numbers', () => {
  it.each([
    'FETCH 1 FLAGS',
    'FETCH * FLAGS',
    'FETCH $ FLAGS',
    'STORE 1 +FLAGS (\\Seen)',
    'COPY 1 Sent',
    'MOVE 1 Sent',
    'SEARCH ALL',
    'SORT (DATE) UTF-8 ALL',
    'THREAD REFERENCES UTF-8 ALL',
    'UID SEARCH 1',
    'UID SEARCH *',
    'UID SEARCH OR SEEN (NOT 1:2)',
    'UID SORT (DATE) UTF-8 1:*',
    'UID THREAD REFERENCES UTF-8 1',
  ])('%s is BAD [UIDREQUIRED], and changes nothing', async (command) => {
    const client = await enabled();
    expect(await client.command(`a ${command}`)).toEqual([expect.stringMatching(/^a BAD \[UIDREQUIRED\]/)]);
    expect(await client.command(`b STATUS ${box} (MESSAGES UNSEEN)`)).toContain(
      `* STATUS ${box} (MESSAGES 3 UNSEEN 2)`,
    );
  });

  it('REPLACE takes no message', async () => {
    const client = await enabled();
    client.send(`a REPLACE 1 ${box} {3+}\r\nx\r\n\r\n`);
    expect((await client.readTagged('a')).at(-1)).toMatch(/^a BAD \[UIDREQUIRED\]/);
    expect(await last(client, 'b CHECK')).toMatch(/^b OK/);
  });

  it('SELECT with pairs of numbers and UIDs leaves the mailbox alone', async () => {
    const client = await enabled('QRESYNC UIDONLY');
    expect(await last(client, `a SELECT ${box} (QRESYNC (1 1 1:9 (1,2 2,3)))`)).toMatch(/^a BAD \[UIDREQUIRED\]/);
    expect(await last(client, 'b CHECK')).toMatch(/^b OK/);
    expect(await last(client, `c SELECT ${box} (QRESYNC (1 1 1:9))`)).toMatch(/^c OK/);
  });
});

it('answers by UID', async () => {
  const client = await enabled();
  expect(await client.command('a UID FETCH 2:* (FLAGS)')).toEqual([
    '* 2 UIDFETCH (FLAGS ())',
    '* 3 UIDFETCH (FLAGS ())',
    '* 4 UIDFETCH (FLAGS (\\Seen))',
    'a OK FETCH completed',
  ]);
  expect(await client.command('b UID FETCH 3 (UID RFC822.SIZE)')).toContain('* 3 UIDFETCH (UID 3 RFC822.SIZE 17)');
  expect(await client.command('c UID FETCH 3 BODY[TEXT]')).toContain('* 3 UIDFETCH (BODY[TEXT] {3}');
  expect((await client.command('d UID STORE 3 +FLAGS (\\Flagged)'))[0]).toMatch(/^\* 3 UIDFETCH \(FLAGS \(.*\\Flagged/);
  expect(await client.command('e UID SEARCH RETURN (SAVE) SEEN')).toEqual(['e OK SEARCH completed']);
  expect(await client.command('f UID SEARCH $')).toContain('* SEARCH 3 4');
});

it('with CONDSTORE the mod-sequence comes with it', async () => {
  const client = await enabled('CONDSTORE UIDONLY');
  expect((await client.command('a UID STORE 2 +FLAGS.SILENT (\\Flagged)'))[0]).toMatch(
    /^\* 2 UIDFETCH \(MODSEQ \(\d+\)\)$/,
  );
});

it('tells what is gone by VANISHED, to EXPUNGE, MOVE and between them', async () => {
  const [client, other] = [await enabled(), await signedIn()];
  await other.command(`s SELECT ${box}`);
  expect(await other.command('a STORE 1 +FLAGS.SILENT (\\Deleted)')).toHaveLength(1);
  expect((await client.command('b NOOP'))[0]).toMatch(/^\* 2 UIDFETCH \(FLAGS \(\\Deleted/);
  expect(await client.command('c EXPUNGE')).toEqual(['* VANISHED 2', 'c OK EXPUNGE completed']);
  expect(await other.command('d NOOP')).toContain('* 1 EXPUNGE');
  expect((await client.command('e UID MOVE 3 Sent'))[1]).toBe('* VANISHED 3');
  await other.command('f NOOP');
  await other.command('g APPEND INBOX {1+}\r\nx');
  await other.command(`h UID MOVE 4 Sent`);
  expect(await client.command('i NOOP')).toEqual(['* VANISHED 4', 'i OK NOOP completed']);
});

it('is told in IDLE, and ends with UNAUTHENTICATE', async () => {
  const [client, other] = [await enabled(), await signedIn()];
  client.send('i IDLE\r\n');
  expect(await client.readLine()).toMatch(/^\+ /);
  await other.command(`s SELECT ${box}`);
  await other.command('a STORE 3 +FLAGS.SILENT (\\Answered)');
  expect(await client.readLine()).toMatch(
    /^\* 4 UIDFETCH \(FLAGS \(\\Seen \\Answered|^\* 4 UIDFETCH \(FLAGS \(.*\\Answered/,
  );
  client.send('DONE\r\n');
  await client.readTagged('i');
  await client.command('u UNAUTHENTICATE');
  await client.command(`l LOGIN ada "${PASSWORD}"`);
  await client.command(`s SELECT ${box}`);
  expect(await client.command('f FETCH 1 UID')).toContain('* 1 FETCH (UID 2)');
});

it('ends searches that are kept up by numbers, and no others (RFC 5267, 4.3.1)', async () => {
  const client = await signedIn();
  await client.command(`s SELECT ${box}`);
  await client.command('a SEARCH RETURN (UPDATE ALL) FLAGGED');
  await client.command('b UID SEARCH RETURN (UPDATE ALL) FLAGGED');
  expect(await client.command('e ENABLE UIDONLY')).toEqual([
    '* ENABLED UIDONLY',
    expect.stringMatching(/^\* NO \[NOUPDATE "a"\] /),
    'e OK ENABLE completed',
  ]);
  const lines = await client.command('c UID STORE 3 +FLAGS (\\Flagged)');
  expect(lines.filter((line) => line.startsWith('* ESEARCH'))).toEqual(['* ESEARCH (TAG "b") UID ADDTO (0 3)']);
});
