import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { answers, last } from '../../session/test-support/answers.ts';
import { Clients } from '../../session/test-support/clients.ts';
import { type ImapServer, type ImapServerOptions, startImapServer } from '../../session/test-support/imap-server.ts';
import type { RawClient } from '../../session/test-support/raw-client.ts';

// Promise (RFC 5465): who may list and read a mailbox of somebody else is told what happens in it, without having selected it; who may
// not any more is not. What is watched for one session is bounded.

const MESSAGES = 'MessageNew MessageExpunge';

describe.each(enginesUnderTest)('%s', (engine) => {
  let server: ImapServer;
  let ada: RawClient;
  let bob: RawClient;
  const clients = new Clients();
  let box = '';
  let boxes = 0;

  const start = async (options: Partial<ImapServerOptions> = {}): Promise<ImapServer> => {
    const started = await startImapServer({ engine, limits: { notifyPollMs: 400 }, ...options });
    await started.addUser('bob');
    return started;
  };
  beforeAll(async () => {
    server = await start();
  });
  afterAll(async () => {
    clients.close();
    await server?.stop();
  });
  /** A mailbox of bob, with one message, that ada may list and read. */
  beforeEach(async () => {
    box = `box${boxes++}`;
    [ada, bob] = [await clients.signedIn(server.port), await clients.signedIn(server.port, 'bob')];
    await answers(bob, `CREATE ${box}`);
    await append();
    await answers(bob, `SETACL ${box} ada lr`);
  });

  const append = (mailbox = box) => answers(bob, `APPEND ${mailbox} {6+}\r\na: b\r\n`);
  const theirs = (name = box): string => `"Other Users/bob/${name}"`;
  const list = (attributes: string, name = box): string => `* LIST (${attributes}) "/" ${theirs(name)}`;
  const status = (items: string): RegExp => new RegExp(`^\\* STATUS ${theirs()} \\(${items}\\)$`);
  const told = async (): Promise<string> => (await ada.readLine()) ?? '';

  test('new messages, those that are gone, flags, by name and by hints at once', async () => {
    const first = await answers(ada, `NOTIFY SET STATUS (mailboxes ${theirs()} (${MESSAGES} FlagChange))`);
    expect(first).toEqual([
      expect.stringMatching(status('MESSAGES 1 UIDNEXT 2 UIDVALIDITY \\d+ HIGHESTMODSEQ \\d+ UNSEEN 1')),
    ]);
    await append();
    expect(await told()).toMatch(status('MESSAGES 2 UIDNEXT 3 UIDVALIDITY \\d+ UNSEEN 2'));
    await answers(bob, `SELECT ${box}`);
    await answers(bob, 'STORE 1 +FLAGS.SILENT (\\Seen)');
    expect(await told()).toMatch(status('UIDVALIDITY \\d+ UNSEEN 1'));
    await answers(bob, 'STORE 1 +FLAGS.SILENT (\\Deleted)');
    await answers(bob, 'EXPUNGE');
    expect(await told()).toMatch(status('MESSAGES 1 UIDNEXT 3 UIDVALIDITY \\d+ UNSEEN 1'));
  });

  test('of the selected one, and of one that is not asked for, no STATUS is told', async () => {
    await answers(bob, `CREATE ${box}/below`);
    await answers(bob, `SETACL ${box}/below ada lr`);
    await answers(ada, `NOTIFY SET (selected (${MESSAGES})) (subtree ${theirs()} (${MESSAGES}))`);
    await answers(ada, `SELECT ${theirs()}`);
    await append();
    expect(await told()).toBe('* 2 EXISTS');
    await append('INBOX');
    await append(`${box}/below`);
    const lines = [await told(), await told()].filter((line) => !line.endsWith(' RECENT') && !line.includes('FETCH'));
    expect(lines).toEqual([expect.stringContaining(`STATUS ${theirs(`${box}/below`)} (MESSAGES 1 `)]);
  });

  test('names, as they are made, renamed, granted and taken away (5.4)', async () => {
    await answers(ada, 'NOTIFY SET (subtree "Other Users/bob" (MailboxName))');
    await answers(bob, `RENAME ${box} new${box}`);
    expect(await told()).toBe(`${list('\\HasNoChildren', `new${box}`)} ("OLDNAME" (${theirs()}))`);
    await answers(bob, `CREATE new${box}/below`);
    expect(await told()).toBe(list('\\HasNoChildren', `new${box}/below`));
    expect(await told()).toBe(list('\\HasChildren', `new${box}`));
    await answers(bob, `DELETE new${box}/below`);
    expect(await told()).toBe(list('\\NonExistent \\HasNoChildren', `new${box}/below`));
    expect(await told()).toBe(list('\\HasNoChildren', `new${box}`));
    await answers(bob, `DELETEACL new${box} ada`);
    expect(await told()).toBe(list('\\NonExistent \\HasNoChildren', `new${box}`));
  });

  test('a right that is revoked ends its news, one that is granted begins them (5.9)', async () => {
    await answers(bob, `CREATE ${box}/open`);
    await answers(ada, `NOTIFY SET (subtree ${theirs()} (${MESSAGES} MailboxName))`);
    await answers(bob, `SETACL ${box} ada l`);
    await append();
    await append(`${box}/open`);
    expect(await told()).toBe(list('\\NoAccess \\HasChildren'));
    expect(await told()).toContain(`STATUS ${theirs(`${box}/open`)} (MESSAGES 1 `);
    await answers(bob, `SETACL ${box} ada lr`);
    expect(await told()).toBe(list('\\HasChildren'));
    await append();
    expect(await told()).toMatch(status('MESSAGES 3 .*'));
  });

  test('subscribed ones, once one is subscribed to them (6.4); what the session does itself is not told', async () => {
    await answers(ada, `NOTIFY SET (subscribed (${MESSAGES} MailboxName))`);
    await answers(bob, `SETACL ${box} ada lri`);
    await append();
    await answers(ada, `SUBSCRIBE ${theirs()}`);
    expect(await told()).toBe(list('\\HasNoChildren \\Subscribed'));
    await answers(ada, `APPEND ${theirs()} {6+}\r\na: b\r\n`);
    await append();
    expect(await told()).toMatch(status('MESSAGES 4 .*'));
  });

  test('one that may be listed and not read is named as such (3.1)', async () => {
    await answers(bob, `SETACL ${box} ada l`);
    const asked = `NOTIFY SET (mailboxes ${theirs()} (${MESSAGES}))`;
    expect(await answers(ada, asked)).toEqual([`* LIST (\\NoAccess) "/" ${theirs()}`]);
  });

  test("where each has \\Seen of his own, the owner's is not told", async () => {
    const own = await start({ sharing: { seen: 'perUser' } });
    try {
      const [reader, owner] = [await clients.signedIn(own.port), await clients.signedIn(own.port, 'bob')];
      await answers(owner, 'SETACL INBOX ada lr');
      await answers(reader, `NOTIFY SET STATUS (subtree "Other Users" (${MESSAGES} FlagChange))`);
      await answers(owner, 'APPEND INBOX (\\Seen) {6+}\r\na: b\r\n');
      expect(await reader.readLine()).toMatch(
        /^\* STATUS "Other Users\/bob\/INBOX" \(MESSAGES 1 UIDNEXT 2 UIDVALIDITY \d+\)$/,
      );
    } finally {
      await own.stop();
    }
  });

  test('more than are watched: refused, or told and ended (5.8)', async () => {
    const small = await start({ limits: { notifyPollMs: 400, maxNotifyOthers: 1 } });
    try {
      const [reader, owner] = [await clients.signedIn(small.port), await clients.signedIn(small.port, 'bob')];
      await answers(owner, 'SETACL INBOX ada lr');
      const all = `NOTIFY SET (subtree "Other Users" (${MESSAGES}))`;
      await answers(reader, all);
      await answers(owner, 'CREATE more');
      await answers(owner, 'SETACL more ada lr');
      expect(await reader.readLine()).toMatch(/^\* OK \[NOTIFICATIONOVERFLOW\] /);
      expect(await last(reader, all)).toMatch(/^a NO \[NOTIFICATIONOVERFLOW\]/);
      await answers(reader, `NOTIFY SET (personal (${MESSAGES}))`);
    } finally {
      await small.stop();
    }
  });

  test('nobody is told of what he may not see', async () => {
    await answers(bob, `CREATE ${box}secret`);
    await answers(ada, `NOTIFY SET STATUS (subtree "Other Users" (${MESSAGES} MailboxName))`);
    await append(`${box}secret`);
    await append();
    expect(await told()).toMatch(status('MESSAGES 2 .*'));
  });
});
