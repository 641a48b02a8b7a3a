import { fastify } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { peerRoutes } from '../../admin/peer-routes.ts';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';
import { startTestServer, type TestServer } from '../../session/test-support/test-server.ts';
import { attempt, operation } from '../../store/test-support/store-fixture.ts';

// Promise: RFC 5267, 4. Results are kept up while the mailbox is selected, whoever changes it and through whichever process.

let server: ImapServer;
let other: TestServer;
let client: RawClient;
let box = '';
let boxes = 0;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  const limits = { maxContexts: 3, maxNotifications: 3 };
  server = await startImapServer({ limits });
  const { store } = server.fixture;
  other = await startTestServer({
    limits,
    authenticator: async ({ user }) => ({ kind: 'ok', user: { name: user, store } }),
  });
  const admin = fastify();
  peerRoutes(admin, {
    setPeers: () => undefined,
    receiveHints: (body) => server.mailboxes.receiveHints(body),
  });
  const url = new URL(await admin.listen({ host: '127.0.0.1', port: 0 }));
  closing.push(() => admin.close());
  other.mailboxes.setPeers([{ host: '127.0.0.1', port: Number(url.port) }]);
});
/** A mailbox with the messages 1 to 6, selected. */
beforeEach(async () => {
  box = `box${boxes++}`;
  const { store } = server.fixture;
  await store.createMailbox({ operation: operation(), owner: 'ada', name: box, specialUse: [] }, attempt);
  for (let n = 1; n <= 6; n++) await append(`${n % 2 === 0 ? 'even' : 'odd'} ${n}`);
  client = await session(server.port);
});
afterAll(async () => {
  for (const close of closing) await close();
  await other?.stop();
  await server?.stop();
});

const append = (subject: string) => server.fixture.append(`Subject: ${subject}\r\n\r\nx\r\n`, { mailbox: box });

async function session(port: number): Promise<RawClient> {
  const made = await RawClient.greeted(port);
  closing.push(() => made.close());
  await made.command(`l LOGIN ada "${PASSWORD}"`);
  expect((await made.command(`s SELECT ${box}`)).at(-1)).toMatch(/^s OK/);
  return made;
}

const searches = (lines: readonly string[]): string[] => lines.filter((line) => line.startsWith('* ESEARCH'));

/** What a NOOP tells of the kept searches, once it tells any. */
async function told(): Promise<string[]> {
  for (;;) {
    const lines = searches(await client.command('n NOOP'));
    if (lines.length > 0) return lines;
  }
}

describe('UPDATE (4.3)', () => {
  it('answers as without it, and alone tells nothing at once', async () => {
    expect((await client.command('c CAPABILITY'))[0]).toContain(' CONTEXT=SEARCH');
    expect(await client.command('a UID SEARCH RETURN (UPDATE COUNT) FLAGGED')).toEqual([
      '* ESEARCH (TAG "a") UID COUNT 0',
      'a OK SEARCH completed',
    ]);
    expect(await client.command('b SEARCH RETURN (UPDATE) ALL')).toEqual(['b OK SEARCH completed']);
    expect(await client.command('c SEARCH RETURN (CONTEXT) 2')).toContain('* ESEARCH (TAG "c") ALL 2');
  });

  it('tells own changes with the command, flags before results', async () => {
    await client.command('a UID SEARCH RETURN (UPDATE ALL) FLAGGED');
    const lines = await client.command('b STORE 2:3,5 +FLAGS (\\Flagged)');
    expect(lines).toHaveLength(5);
    expect(lines[3]).toBe('* ESEARCH (TAG "a") UID ADDTO (0 2:3,5)');
    expect(await client.command('c STORE 3 -FLAGS.SILENT (\\Flagged)')).toEqual([
      '* ESEARCH (TAG "a") UID REMOVEFROM (0 3)',
      'c OK STORE completed',
    ]);
    expect(await client.command('d STORE 3 +FLAGS.SILENT (\\Answered)')).toEqual(['d OK STORE completed']);
  });

  it('tells what arrives behind EXISTS, also by what only the message says', async () => {
    await client.command('a SEARCH RETURN (UPDATE ALL) SUBJECT even');
    await append('even more');
    await append('quite odd');
    await append('even so');
    const lines = await client.command('n NOOP');
    expect(searches(lines)).toEqual(['* ESEARCH (TAG "a") ADDTO (0 7,9)']);
    expect(lines.indexOf('* 9 EXISTS')).toBeLessThan(lines.indexOf('* ESEARCH (TAG "a") ADDTO (0 7,9)'));
    expect(await client.command('b STORE 7 +FLAGS.SILENT (\\Flagged)')).toEqual(['b OK STORE completed']);
  });

  it('tells by old numbers what is about to go', async () => {
    await client.command('a SEARCH RETURN (UPDATE) SUBJECT even');
    await client.command('b UID SEARCH RETURN (UPDATE) ALL');
    await client.command('c STORE 1:2,4 +FLAGS.SILENT (\\Deleted)');
    expect(await client.command('d EXPUNGE')).toEqual([
      '* ESEARCH (TAG "a") REMOVEFROM (0 2,4)',
      '* ESEARCH (TAG "b") UID REMOVEFROM (0 1:2,4)',
      '* 4 EXPUNGE',
      '* 2 EXPUNGE',
      '* 1 EXPUNGE',
      'd OK EXPUNGE completed',
    ]);
    expect(await client.command('e STORE 3 +FLAGS.SILENT (\\Deleted)')).toHaveLength(1);
    expect(searches(await client.command('f EXPUNGE'))).toEqual([
      '* ESEARCH (TAG "a") REMOVEFROM (0 3)',
      '* ESEARCH (TAG "b") UID REMOVEFROM (0 6)',
    ]);
  });

  it('takes numbers, $ and * for what they are at the time', async () => {
    await client.command('z SEARCH RETURN (SAVE) 2:3');
    await client.command('a UID SEARCH RETURN (UPDATE) OR $ 5 UNFLAGGED');
    await client.command('b UID SEARCH RETURN (UPDATE) UID *');
    await client.command('c UID SEARCH RETURN (UPDATE) 6:*');
    await client.command('d CANCELUPDATE "c"');
    await client.command('c UID SEARCH RETURN (UPDATE) UID 6:*');
    await client.command('e STORE 1 +FLAGS.SILENT (\\Deleted)');
    await client.command('f EXPUNGE');
    expect(searches(await client.command('g STORE 1:4 +FLAGS.SILENT (\\Flagged)'))).toEqual([
      '* ESEARCH (TAG "a") UID REMOVEFROM (0 2:3,5)',
    ]);
    await append('7');
    expect(await told()).toEqual(['* ESEARCH (TAG "c") UID ADDTO (0 7)']);
  });

  it('with SAVE, $ is what it was before', async () => {
    await client.command('z SEARCH RETURN (SAVE) 2:4');
    expect(await client.command('a UID SEARCH RETURN (SAVE UPDATE ALL) $ UNFLAGGED UID 3:*')).toContain(
      '* ESEARCH (TAG "a") UID ALL 3:4',
    );
    await client.command('b STORE 3 +FLAGS.SILENT (\\Flagged)');
    expect(await client.command('c UID SEARCH RETURN (SAVE UPDATE ALL) $ FLAGGED')).toContain(
      '* ESEARCH (TAG "c") UID ALL 3',
    );
    // Of the two that `$` was when `c` was asked, not of the one that it is now.
    expect(searches(await client.command('d STORE 4 +FLAGS.SILENT (\\Flagged)'))).toEqual([
      '* ESEARCH (TAG "a") UID REMOVEFROM (0 4)',
      '* ESEARCH (TAG "c") UID ADDTO (0 4)',
    ]);
  });

  it('to fetch MODSEQ is to use CONDSTORE (RFC 7162, 3.1)', async () => {
    expect(await client.command('a UID SEARCH RETURN (UPDATE (UID MODSEQ)) SUBJECT more')).toContainEqual(
      expect.stringMatching(/^\* OK \[HIGHESTMODSEQ \d+\]/),
    );
    expect((await client.command('b STORE 1 +FLAGS (\\Flagged)'))[0]).toContain('MODSEQ');
  });

  it('through another process, in IDLE, and over two processes at once', async () => {
    const elsewhere = await session(other.port);
    await client.command('a UID SEARCH RETURN (UPDATE ALL) OR FLAGGED SUBJECT new');
    await elsewhere.command('a UID SEARCH RETURN (UPDATE ALL) FLAGGED');
    client.send('i IDLE\r\n');
    expect(await client.readLine()).toMatch(/^\+ /);
    await elsewhere.command('b STORE 4 +FLAGS.SILENT (\\Flagged)');
    expect(await client.readLine()).toMatch(/^\* 4 FETCH \(UID 4 FLAGS \(.*\\Flagged/);
    expect(await client.readLine()).toBe('* ESEARCH (TAG "a") UID ADDTO (0 4)');
    const message = 'Subject: new\r\n\r\nx\r\n';
    await elsewhere.command(`c APPEND ${box} {${message.length}+}\r\n${message}`);
    expect(await client.readLine()).toBe('* 7 EXISTS');
    expect(await client.readLine()).toMatch(/RECENT$/);
    expect(await client.readLine()).toBe('* ESEARCH (TAG "a") UID ADDTO (0 7)');
    await elsewhere.command('d MOVE 4 Sent');
    expect(await client.readLine()).toBe('* ESEARCH (TAG "a") UID REMOVEFROM (0 4)');
    expect(await client.readLine()).toBe('* 4 EXPUNGE');
    client.send('DONE\r\n');
    await client.readTagged('i');
  });
});

describe('the end of it', () => {
  it('CANCELUPDATE (4.3.5)', async () => {
    await client.command('a UID SEARCH RETURN (UPDATE) FLAGGED');
    await client.command('b UID SEARCH RETURN (UPDATE) UNFLAGGED');
    expect(await client.command('c CANCELUPDATE "a"')).toEqual(['c OK CANCELUPDATE completed']);
    expect(searches(await client.command('d STORE 1 +FLAGS (\\Flagged)'))).toEqual([
      '* ESEARCH (TAG "b") UID REMOVEFROM (0 1)',
    ]);
    expect((await client.command('e CANCELUPDATE "a" "b"')).at(-1)).toMatch(/^e BAD/);
    expect(searches(await client.command('f STORE 1 -FLAGS (\\Flagged)'))).toEqual([]);
    expect((await client.command('g CANCELUPDATE')).at(-1)).toMatch(/^g BAD/);
  });

  it('another mailbox is selected', async () => {
    await client.command('a UID SEARCH RETURN (UPDATE) FLAGGED');
    await client.command(`s SELECT ${box}`);
    expect(searches(await client.command('d STORE 1 +FLAGS (\\Flagged)'))).toEqual([]);
  });
});

describe('where reading fails', () => {
  const noUpdate = (tag: string) => expect.stringMatching(new RegExp(`^\\* NO \\[NOUPDATE "${tag}"\\] `));

  /** What the disk of the only server spoils. */
  const spoil = (uid: number) =>
    server.fixture.sql(
      `UPDATE mail.chunk SET data = 'y' WHERE content = (SELECT m.content FROM mail.message m
        JOIN mail.mailbox b ON b.id = m.mailbox WHERE b.name = $1 AND m.uid = $2)`,
      [box, uid],
    );

  const afterExists = async (command: string): Promise<string[]> =>
    (await client.command(command)).filter((line) => !/(EXISTS|RECENT)$/.test(line));

  it('the search ends, once, and the others are told', async () => {
    await client.command('a UID SEARCH RETURN (UPDATE) SUBJECT even');
    await client.command('b UID SEARCH RETURN (UPDATE) TEXT even');
    await client.command('c UID SEARCH RETURN (UPDATE) UNSEEN');
    await append('even 7');
    await spoil(7);
    expect(await afterExists('n NOOP')).toEqual([
      '* ESEARCH (TAG "a") UID ADDTO (0 7)',
      noUpdate('b'),
      '* ESEARCH (TAG "c") UID ADDTO (0 7)',
      'n OK NOOP completed',
    ]);
    expect(await client.command('n NOOP')).toEqual(['n OK NOOP completed']);
    expect((await client.command('d CANCELUPDATE "b"')).at(-1)).toMatch(/^d BAD/);
  });

  it('so it does where the fault is ours, which is noted', async () => {
    await client.command('a UID SEARCH RETURN (UPDATE) TEXT even');
    await client.command('b UID SEARCH RETURN (UPDATE) SUBJECT even');
    await append('even 7');
    await server.fixture.sql('ALTER TABLE mail.chunk RENAME TO chunk_elsewhere');
    try {
      expect(await afterExists('n NOOP')).toEqual([
        noUpdate('a'),
        '* ESEARCH (TAG "b") UID ADDTO (0 7)',
        'n OK NOOP completed',
      ]);
      expect(server.log.codes()).toContain('CommandFailed');
      expect(await client.command('n NOOP')).toEqual(['n OK NOOP completed']);
    } finally {
      await server.fixture.sql('ALTER TABLE mail.chunk_elsewhere RENAME TO chunk');
    }
  });

  it('of new messages all are fetched but the damaged one', async () => {
    await client.command('a UID SEARCH RETURN (UPDATE (UID BODY.PEEK[])) SUBJECT odd');
    for (let uid = 7; uid <= 9; uid++) await append(`odd ${uid}`);
    await spoil(8);
    const lines = await client.command('n NOOP');
    expect(lines.filter((line) => /FETCH/.test(line))).toEqual([
      expect.stringMatching(/^\* 7 FETCH \(UID 7 BODY\[\]/),
      expect.stringMatching(/^\* 9 FETCH \(UID 9 BODY\[\]/),
    ]);
    expect(lines.slice(-2)).toEqual(['* ESEARCH (TAG "a") UID ADDTO (0 7:9)', 'n OK NOOP completed']);
    expect(await client.command('n NOOP')).toEqual(['n OK NOOP completed']);
  });

  it('more new messages than may wait are not fetched', async () => {
    await client.command('a UID SEARCH RETURN (UPDATE (UID FLAGS)) SUBJECT odd');
    for (let uid = 7; uid <= 10; uid++) await append(`odd ${uid}`);
    expect(await afterExists('n NOOP')).toEqual([
      '* ESEARCH (TAG "a") UID ADDTO (0 7:10)',
      noUpdate('a'),
      'n OK NOOP completed',
    ]);
  });
});

describe('refused', () => {
  it('a tag that is in use is BAD (4.3), also for SORT', async () => {
    await client.command('a SEARCH RETURN (UPDATE) FLAGGED');
    expect(await client.command('a SEARCH RETURN (UPDATE COUNT) ALL')).toEqual([expect.stringMatching(/^a BAD/)]);
    expect(await client.command('a SORT RETURN (UPDATE) (DATE) UTF-8 ALL')).toEqual([expect.stringMatching(/^a BAD/)]);
    expect((await client.command('a SEARCH RETURN (COUNT) ALL')).at(-1)).toMatch(/^a OK/);
  });

  it('more than the session may have: NOUPDATE, and answered all the same (4.3.1)', async () => {
    for (const tag of ['a', 'b', 'c']) await client.command(`${tag} SEARCH RETURN (UPDATE) FLAGGED`);
    expect(await client.command('d UID SEARCH RETURN (UPDATE COUNT) ALL')).toEqual([
      '* ESEARCH (TAG "d") UID COUNT 6',
      expect.stringMatching(/^\* NO \[NOUPDATE "d"\] /),
      'd OK SEARCH completed',
    ]);
    await client.command('e CANCELUPDATE "b"');
    expect(await client.command('f SEARCH RETURN (UPDATE) ALL')).toEqual(['f OK SEARCH completed']);
  });

  it.each(['UID SORT RETURN (UPDATE COUNT) (DATE) UTF-8 ALL', 'UID SEARCH RETURN (UPDATE COUNT) NOT YOUNGER 60'])(
    '%s is not kept up',
    async (command) => {
      const lines = await client.command(`a ${command}`);
      expect(lines[0]).toMatch(/^\* ESEARCH \(TAG "a"\) UID COUNT \d$/);
      expect(lines[1]).toMatch(/^\* NO \[NOUPDATE "a"\]/);
      expect(lines[2]).toMatch(/^a OK/);
    },
  );
});
