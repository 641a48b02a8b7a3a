import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { epoch, partitionName } from '#contract/names.ts';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { RepositoryUnavailable } from '../routing/repository-access.ts';
import type { Authenticator } from '../session/authenticator.ts';
import { answers, last } from '../session/test-support/answers.ts';
import { RawClient } from '../session/test-support/raw-client.ts';
import { startTestServer, type TestServer, type TestServerOptions } from '../session/test-support/test-server.ts';
import { DirectAccess } from '../store/direct-access.ts';
import type { Connection } from '../store/postgres/connection.ts';
import { directEngine } from '../store/postgres/direct-engine.ts';
import { PostgresStore } from '../store/postgres/postgres-store.ts';
import type { Store } from '../store/store.ts';
import { openStore, type PostgresStoreFixture } from '../store/test-support/open-postgres-store.ts';
import { type PostgresServer, startPostgres } from '../store/test-support/postgres-server.ts';
import { startStoreServer } from '../store/test-support/start-store-server.ts';
import { attempt, operation, type StoreFixture } from '../store/test-support/store-fixture.ts';
import type { TestStoreServer } from '../store/test-support/test-store-server.ts';

// Promise: whom a mailbox is shared with need neither be in the same partition nor at the same imapd. Two imapd serve two partitions:
// ann is in one, on PostgreSQL, bob in the other, and each is at an imapd of his own.

/** A repository without a writer. */
class WithoutWriter extends DirectAccess<Connection> {
  override async read<T>(): Promise<T> {
    throw new RepositoryUnavailable('there is no writer');
  }
}

describe.each(enginesUnderTest)('between PostgreSQL and %s', (engine) => {
  let postgres: PostgresServer;
  let other: TestStoreServer;
  let first: PostgresStoreFixture;
  const partitions: StoreFixture[] = [];
  const servers: TestServer[] = [];
  let ann: RawClient;
  let bob: RawClient;

  const storeOf = (user: string): Store => {
    const store = partitions[user.startsWith('bob') ? 1 : 0]?.store;
    return store ?? expect.fail('no partition');
  };
  const authenticator: Authenticator = async ({ user }) => ({ kind: 'ok', user: { name: user, store: storeOf(user) } });

  const serving: TestServerOptions = {
    authenticator,
    placeOf: (user) => ({
      kind: 'store',
      partition: 'any',
      store: storeOf(user),
      unserved: new AbortController().signal,
    }),
    stores: () => partitions.map(({ store }) => store),
    limits: { notifyPollMs: 300 },
  };

  beforeAll(async () => {
    postgres = await startPostgres();
    other = await startStoreServer(engine);
    first = await openStore(postgres);
    partitions.push(first, await other.openStore());
    for (const name of ['ann', 'bob']) {
      await storeOf(name).createAccount({ operation: operation(), name, passwordHash: 'x', mailboxes: [] }, attempt);
    }
    for (let i = 0; i < 2; i++) servers.push(await startTestServer(serving));
    [ann, bob] = [await signedIn(0, 'ann'), await signedIn(1, 'bob')];
    await answers(ann, 'CREATE box');
    await answers(ann, 'APPEND box {6+}\r\na: b\r\n');
    await answers(ann, 'SETACL box bob lrswite');
  });
  afterAll(async () => {
    for (const server of servers) await server.stop();
    for (const partition of partitions) await partition.close();
    await postgres?.stop();
    await other?.stop();
  });

  async function signedIn(server: number, user: string): Promise<RawClient> {
    const client = await RawClient.greeted(servers[server]?.port ?? 0);
    await client.command(`in LOGIN ${user} x`);
    return client;
  }

  const box = '"Other Users/ann/box"';

  test('what is in the other partition is listed, read, changed and added to', async () => {
    expect(await answers(bob, 'LIST "" * RETURN (STATUS (MESSAGES DELETED-STORAGE))')).toEqual([
      '* LIST (\\HasNoChildren) "/" INBOX',
      '* STATUS INBOX (MESSAGES 0 DELETED-STORAGE 0)',
      `* LIST (\\HasNoChildren) "/" ${box}`,
      `* STATUS ${box} (MESSAGES 1 DELETED-STORAGE 0)`,
    ]);
    await answers(ann, 'SELECT box');
    await answers(bob, `SELECT ${box}`);
    expect(await answers(bob, 'FETCH 1 BODY[]')).toEqual(['* 1 FETCH (BODY[] {6}', 'a: b', ' FLAGS (\\Seen))']);
    await answers(bob, `APPEND ${box} (\\Flagged) {6+}\r\nc: d\r\n`);
    await answers(bob, 'STORE 2 +FLAGS (\\Deleted)');
    await answers(ann, 'NOOP');
    const flags = (await answers(ann, 'FETCH 1:2 (FLAGS)')).map((line) => line.replace(' \\Recent', ''));
    expect(flags).toEqual(['* 1 FETCH (FLAGS (\\Seen))', '* 2 FETCH (FLAGS (\\Flagged \\Deleted))']);
    await answers(bob, 'EXPUNGE');
    expect(await answers(ann, 'NOOP')).toEqual(['* 2 EXPUNGE']);
    await answers(bob, `SETMETADATA ${box} (/private/comment "his")`);
    expect(await answers(bob, 'LIST "" * RETURN (METADATA (/private/comment))')).toEqual([
      '* LIST (\\HasNoChildren) "/" INBOX',
      '* METADATA INBOX (/private/comment NIL)',
      `* LIST (\\HasNoChildren) "/" ${box}`,
      `* METADATA ${box} (/private/comment "his")`,
    ]);
    expect(await answers(bob, `GETQUOTAROOT ${box}`)).toEqual([`* QUOTAROOT ${box} ann`, '* QUOTA ann ()']);
  });

  test('what happens in the other partition is told by NOTIFY', async () => {
    const [watcher, owner] = [await signedIn(1, 'bob'), await signedIn(0, 'ann')];
    await answers(owner, 'CREATE news');
    await answers(watcher, 'NOTIFY SET (subtree "Other Users" (MessageNew MessageExpunge MailboxName))');
    await answers(owner, 'SETACL news bob lr');
    expect(await watcher.readLine()).toBe('* LIST (\\HasNoChildren) "/" "Other Users/ann/news"');
    expect(await watcher.readLine()).toBe('* LIST (\\NonExistent \\HasChildren) "/" "Other Users/ann"');
    await answers(owner, 'APPEND news {6+}\r\na: b\r\n');
    expect(await watcher.readLine()).toMatch(
      /^\* STATUS "Other Users\/ann\/news" \(MESSAGES 1 UIDNEXT 2 UIDVALIDITY \d+\)$/,
    );
    await answers(owner, 'DELETE news');
    expect(await watcher.readLine()).toBe('* LIST (\\NonExistent \\HasNoChildren) "/" "Other Users/ann/news"');
    watcher.close();
    owner.close();
  });

  test('messages are copied and moved from one partition to the other, with the flags that may be set', async () => {
    const large = `${'x'.repeat(998)}\r\n`.repeat(400);
    await answers(ann, 'CREATE from');
    await answers(ann, 'SETACL from bob lrte');
    await answers(ann, `APPEND from (\\Flagged kept) "17-Jul-1996 02:44:25 -0700" {${large.length}+}\r\n${large}`);
    for (const n of [2, 3]) await answers(ann, `APPEND from (\\Seen) {6+}\r\n${n}: b\r\n`);
    await answers(bob, 'SELECT "Other Users/ann/from"');
    expect(await last(bob, 'COPY 1:2 INBOX')).toMatch(/^a OK \[COPYUID \d+ 1:2 1:2\]/);
    expect(await last(bob, 'COPY 1 nowhere')).toMatch(/^a NO \[TRYCREATE\]/);
    const moved = await bob.command('a MOVE 2:3 INBOX');
    expect(moved).toEqual([
      expect.stringMatching(/^\* OK \[COPYUID \d+ 2:3 3:4\]/),
      '* 3 EXPUNGE',
      '* 2 EXPUNGE',
      expect.stringMatching(/^a OK/),
    ]);
    await answers(bob, 'SELECT INBOX');
    expect(await answers(bob, 'FETCH 1:4 (INTERNALDATE RFC822.SIZE)')).toEqual([
      `* 1 FETCH (INTERNALDATE "17-Jul-1996 09:44:25 +0000" RFC822.SIZE ${large.length})`,
      ...[2, 3, 4].map((n) => expect.stringContaining(`* ${n} FETCH`) as string),
    ]);
    expect((await answers(bob, 'FETCH 1:2 FLAGS')).map((line) => line.replace(' \\Recent', ''))).toEqual([
      '* 1 FETCH (FLAGS (\\Flagged kept))',
      '* 2 FETCH (FLAGS (\\Seen))',
    ]);
    await answers(ann, 'SETACL box bob +i');
    await answers(ann, 'SETACL box bob -swt');
    expect(await last(bob, `COPY 1 ${box}`)).toMatch(/^a OK \[COPYUID/);
    await answers(ann, 'SELECT box');
    expect((await answers(ann, 'FETCH * FLAGS'))[0]).toMatch(/FLAGS \((\\Recent)?\)/);
    await answers(ann, 'STORE * +FLAGS.SILENT (\\Deleted)');
    await answers(ann, 'CLOSE');
    await answers(ann, 'SETACL box bob lrswite');
  });

  test('one search, and one message, out of both partitions', async () => {
    await answers(ann, 'CREATE letters');
    await answers(ann, 'SETACL letters bob lr');
    await answers(ann, 'APPEND letters {20+}\r\nSubject: hers\r\n\r\nabc');
    await answers(bob, 'CREATE own');
    await answers(bob, 'APPEND own {19+}\r\nSubject: his\r\n\r\nabc');
    const letters = '"Other Users/ann/letters"';
    const found = await answers(bob, `ESEARCH IN (personal mailboxes ${letters}) SUBJECT h`);
    expect(found.map((line) => line.replace(/UIDVALIDITY \d+/, 'UIDVALIDITY n'))).toEqual([
      '* ESEARCH (TAG "a" MAILBOX own UIDVALIDITY n) UID ALL 1',
      `* ESEARCH (TAG "a" MAILBOX ${letters} UIDVALIDITY n) UID ALL 1`,
    ]);
    const urls = 'URL "/own/;UID=1/;SECTION=HEADER" URL "/Other%20Users/ann/letters/;UID=1/;SECTION=TEXT"';
    await answers(bob, `APPEND own CATENATE (${urls})`);
    await answers(bob, 'EXAMINE own');
    expect(await answers(bob, 'FETCH 2 BODY[]')).toContain('Subject: his');
    // Beside the selected mailbox, whoever it is of, and itself.
    await answers(bob, `EXAMINE ${letters}`);
    await answers(bob, 'APPEND own CATENATE (URL ";UID=1/;SECTION=HEADER" URL "box/;UID=1")');
    expect(await last(bob, 'APPEND own CATENATE (URL "nothing/;UID=1")')).toMatch(/^a NO \[BADURL nothing\/;UID=1\]/);
    await answers(ann, 'SETACL letters bob -r');
    expect(await last(bob, 'APPEND own CATENATE (URL ";UID=1")')).toMatch(/^a NO \[BADURL ;UID=1\]/);
    expect(await answers(bob, 'ESEARCH SUBJECT h')).toEqual([]);
    await answers(bob, 'UNSELECT');
    await answers(bob, 'DELETE own');
  });

  test('between partitions, too, a command works on so many messages at most (RFC 9738)', async () => {
    const limited = await startTestServer({ ...serving, protocolLimits: { messageLimit: 3 } });
    servers.push(limited);
    const client = await signedIn(servers.indexOf(limited), 'bob');
    await answers(ann, 'CREATE five');
    await answers(ann, 'SETACL five bob lrte');
    for (let i = 0; i < 5; i++) await answers(ann, 'APPEND five {6+}\r\na: b\r\n');
    await answers(client, 'CREATE some');
    await answers(client, 'SELECT "Other Users/ann/five"');
    expect(await last(client, 'COPY 1:4 some')).toMatch(/^a NO \[MESSAGELIMIT 3 2\]/);
    expect(await answers(client, 'STATUS some (MESSAGES)')).toEqual(['* STATUS some (MESSAGES 0)']);
    expect(await last(client, 'UID MOVE 1:* some')).toMatch(/^a OK \[MESSAGELIMIT 3 3\]/);
    expect(await answers(client, 'STATUS some (MESSAGES)')).toEqual(['* STATUS some (MESSAGES 3)']);
    expect(await last(client, 'UID MOVE 1:* some')).toMatch(/^a OK MOVE/);
    expect(await answers(ann, 'STATUS five (MESSAGES)')).toEqual(['* STATUS five (MESSAGES 0)']);
    await answers(client, 'DELETE some');
  });

  test('what does not fit into the other partition leaves nothing there', async () => {
    const limits = { STORAGE: 'default', MESSAGE: 204, MAILBOX: 'default' } as const;
    await storeOf('bob').changeAccount({ operation: operation(), name: 'bob', limits }, attempt);
    const many = Array.from({ length: 203 }, (_, n) => `{6+}\r\n${n % 10}: b\r\n`).join(' ');
    await answers(ann, 'CREATE many');
    await answers(ann, `APPEND many ${many}`);
    await answers(ann, 'SETACL many bob lr');
    const before = await answers(bob, 'STATUS INBOX (MESSAGES)');
    await answers(bob, 'SELECT "Other Users/ann/many"');
    expect(await last(bob, 'COPY 1:203 INBOX')).toMatch(/^a NO \[OVERQUOTA\]/);
    expect(await answers(bob, 'STATUS INBOX (MESSAGES)')).toEqual(before);
    expect(await last(bob, 'REPLACE 1 INBOX {6+}\r\na: b\r\n')).toMatch(/^a NO \[NOPERM\]/);
  });

  test('with a mailbox all rights to its messages end, also where it is selected', async () => {
    await answers(ann, 'CREATE secret');
    await answers(ann, 'SETACL secret bob lr');
    await answers(ann, 'APPEND secret {6+}\r\na: b\r\n');
    await answers(bob, 'EXAMINE "Other Users/ann/secret"');
    const own = await signedIn(0, 'ann');
    await answers(own, 'EXAMINE secret');
    await answers(ann, 'DELETE secret');
    expect(await last(bob, 'APPEND INBOX CATENATE (URL ";UID=1")')).toMatch(/^a NO \[BADURL ;UID=1\]/);
    for (const command of ['FETCH 1 BODY[]', 'UID FETCH 1 BODY[]', 'SEARCH BODY a', 'COPY 1 INBOX']) {
      expect(await bob.command(`a ${command}`)).toEqual([expect.stringMatching(/^a NO \[NOPERM\]/)]);
    }
    await answers(bob, 'UNSELECT');
    expect(await answers(own, 'NOOP')).toEqual(['* 1 EXPUNGE']);
    expect(await last(own, 'APPEND INBOX CATENATE (URL ";UID=1")')).toMatch(/^a NO \[BADURL ;UID=1\]/);
  });

  test('a right that is taken away at one imapd is gone at the other with the next command', async () => {
    await answers(bob, `SELECT ${box}`);
    await answers(ann, 'SETACL box bob -swite');
    expect(await last(bob, 'STORE 1 +FLAGS (\\Flagged)')).toMatch(/^a NO \[NOPERM\]/);
    await answers(bob, 'NOOP');
    bob.send('i IDLE\r\n');
    await bob.readLine();
    await answers(ann, 'SETACL box bob -r');
    await answers(ann, 'APPEND box {6+}\r\ne: f\r\n');
    // The other imapd knows of the message; whether the right is still there is asked before a word is said.
    await expect.poll(() => servers[1]?.mailboxes.views.watched[0]?.view.table.count, { timeout: 5000 }).toBe(2);
    bob.send('DONE\r\n');
    expect(await bob.readLine()).toMatch(/^i OK/);
    await answers(ann, 'SETACL box bob +r');
    expect(await answers(bob, 'NOOP')).toContain('* 2 EXISTS');
  });

  test('a partition that is away hides what it has, and says so', async () => {
    const away = new PostgresStore(
      new WithoutWriter(directEngine(first.pool), { partition: partitionName('a'), epoch: epoch(1) }),
    );
    const server = await startTestServer({
      ...serving,
      stores: () => [away, storeOf('bob')],
      placeOf: (user) => (user === 'bob' ? (serving.placeOf?.(user) ?? { kind: 'nowhere' }) : { kind: 'unavailable' }),
    });
    servers.push(server);
    const client = await RawClient.greeted(server.port);
    await client.command('in LOGIN bob x');
    expect(await answers(client, 'LIST "" *')).toEqual([
      '* LIST (\\HasNoChildren) "/" INBOX',
      '* NO [UNAVAILABLE] Some mailboxes of others cannot be told at the moment',
    ]);
    await answers(client, 'APPEND INBOX {6+}\r\na: b\r\n');
    expect((await answers(client, 'ESEARCH IN (personal) UNDELETED')).at(-1)).toMatch(/^\* ESEARCH /);
    expect(await answers(client, `ESEARCH IN (mailboxes ${box}) ALL`)).toEqual([
      '* NO [UNAVAILABLE] Some mailboxes of others cannot be searched at the moment',
    ]);
    expect(await last(client, 'APPEND INBOX CATENATE (URL "/Other%20Users/ann/box/;UID=1")')).toMatch(
      /^a NO \[UNAVAILABLE\]/,
    );
    expect(await answers(client, 'LIST "" INBOX')).toEqual(['* LIST (\\HasNoChildren) "/" INBOX']);
  });

  test('a partition whose SQL fails hides what it has, says so, and ends nobody', async () => {
    const client = await signedIn(1, 'bob');
    await first.sql('ALTER TABLE mail.acl RENAME TO acl_elsewhere');
    try {
      expect(await answers(client, 'LIST "" *')).toEqual([
        '* LIST (\\HasNoChildren) "/" INBOX',
        '* NO [UNAVAILABLE] Some mailboxes of others cannot be told at the moment',
      ]);
    } finally {
      await first.sql('ALTER TABLE mail.acl_elsewhere RENAME TO acl');
    }
    expect(servers[1]?.log.codes()).toContain('Unexpected');
    expect(await answers(client, 'LIST "" "Other Users/ann/box"')).toEqual([`* LIST (\\HasNoChildren) "/" ${box}`]);
  });
});
