import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { RepositoryUnavailable } from '../routing/repository-access.ts';
import { answers, last } from '../session/test-support/answers.ts';
import { RawClient } from '../session/test-support/raw-client.ts';
import { startTestServer, type TestServer } from '../session/test-support/test-server.ts';
import type { AppendOutcome, Store } from '../store/store.ts';
import { startStoreServer } from '../store/test-support/start-store-server.ts';
import { attempt, operation, type StoreFixture } from '../store/test-support/store-fixture.ts';
import type { TestStoreServer } from '../store/test-support/test-store-server.ts';

// Promise: between two partitions COPY copies everything or leaves nothing (RFC 3501, 6.4.7), however it ends; MOVE leaves each message
// in one place (RFC 6851, 3.3) and tells which it has moved; and both ask again, before each piece, what they may do, and to which mailbox.

/** Ann's partition is on PostgreSQL, bob's on each. */
describe.each(enginesUnderTest)('with %s', (engine) => {
  const databases: TestStoreServer[] = [];
  let partitions: { readonly ann: StoreFixture; readonly bob: StoreFixture };
  /** Ann and bob each have an imapd, so that neither hears at once of what the other does. */
  const servers: TestServer[] = [];
  let ann: RawClient;
  let bob: RawClient;

  type Append = () => Promise<AppendOutcome>;
  /** What happens around the n-th APPEND to a partition. */
  let around: (n: number, run: Append, signal: AbortSignal) => Promise<AppendOutcome>;
  /** What happens before the n-th APPEND is withdrawn, and before messages are expunged. */
  let withdrawing: (n: number) => void;
  let expunging: (store: Store) => void;
  let withdrawals = 0;
  /** What happens once a mailbox of somebody else was found. */
  let found: () => Promise<void>;
  let appends = 0;

  /** A real partition with what happens to it in the middle of a command. */
  const disturbed = (store: Store): Store => ({
    ...store,
    append: (request, tried) => around(appends++, () => store.append(request, tried), tried.signal),
    withdraw: async (request, tried) => {
      withdrawing(withdrawals++);
      await store.withdraw(request, tried);
    },
    expunge: async (request, tried) => {
      expunging(store);
      return await store.expunge(request, tried);
    },
    findGranted: async (request, tried) => {
      const answer = await store.findGranted(request, tried);
      await found();
      return answer;
    },
  });

  beforeAll(async () => {
    const [hers, his] = [await startStoreServer('postgresql'), await startStoreServer(engine)];
    databases.push(hers, his);
    partitions = { ann: await hers.openStore(), bob: await his.openStore() };
    const stores = { ann: disturbed(partitions.ann.store), bob: disturbed(partitions.bob.store) };
    const storeOf = (user: string): Store => (user.startsWith('bob') ? stores.bob : stores.ann);
    for (let i = 0; i < 2; i++) {
      servers.push(
        await startTestServer({
          authenticator: async ({ user }) => ({ kind: 'ok', user: { name: user, store: storeOf(user) } }),
          placeOf: (user) => {
            const unserved = new AbortController().signal;
            return { kind: 'store', partition: 'any', store: storeOf(user), unserved };
          },
          stores: () => Object.values(stores),
        }),
      );
    }
  });
  afterAll(async () => {
    for (const server of servers) await server.stop();
    for (const each of Object.values(partitions ?? {})) await each.close();
    for (const each of databases) await each.stop();
  });

  let users = 0;
  beforeEach(async () => {
    undisturbed();
    const names = [`ann${users}`, `bob${users++}`] as const;
    for (const [i, name] of names.entries()) {
      const { store } = i === 0 ? partitions.ann : partitions.bob;
      await store.createAccount({ operation: operation(), name, passwordHash: 'x', mailboxes: [] }, attempt);
    }
    [ann, bob] = [await signedIn(0, names[0]), await signedIn(1, names[1])];
    box = `"Other Users/${names[0]}/box"`;
    owner = names[0];
    await answers(ann, 'CREATE box');
    await answers(ann, `SETACL box ${names[1]} lrswitekx`);
  });
  let box = '';
  let owner = '';

  function undisturbed(): void {
    around = (_, run) => run();
    found = async () => undefined;
    withdrawing = () => undefined;
    expunging = () => undefined;
    appends = 0;
    withdrawals = 0;
  }

  async function signedIn(server: number, user: string): Promise<RawClient> {
    const client = await RawClient.greeted(servers[server]?.port ?? 0);
    await client.command(`in LOGIN ${user} x`);
    return client;
  }

  /** More than one transaction has. */
  const MANY = 202;

  async function fill(client: RawClient, mailbox: string, count = MANY): Promise<void> {
    undisturbed();
    const messages = Array.from({ length: count }, (_, n) => `{6+}\r\n${n % 10}: b\r\n`).join(' ');
    await answers(client, `APPEND ${mailbox} ${messages}`);
    undisturbed();
  }

  const count = async (client: RawClient, mailbox: string): Promise<number> =>
    Number(/MESSAGES (\d+)/.exec((await answers(client, `STATUS ${mailbox} (MESSAGES)`))[0] ?? '')?.[1]);

  const away = (): never => {
    throw new RepositoryUnavailable('the primary is away');
  };

  test.each([
    { when: 'before it', fails: async (run: Append, n: number) => (n === 1 ? away() : await run()) },
    // Its COMMIT arrived, and its answer did not.
    { when: 'after it', fails: async (run: Append, n: number) => ((await run()) && n === 1 ? away() : await run()) },
  ])('a COPY whose second part fails $when leaves nothing', async ({ fails }) => {
    await fill(ann, 'box');
    await answers(bob, `SELECT ${box}`);
    around = (n, run) => fails(run, n);
    expect(await last(bob, `COPY 1:${MANY} INBOX`)).toMatch(/^a NO \[UNAVAILABLE\]/);
    expect(await count(bob, 'INBOX')).toBe(0);
  });

  /** The messages that log lines of a server tell of as left behind. */
  const toldLeft = (server: number): unknown[] =>
    servers[server]?.log.events.flatMap(({ fields }) => ('messages' in fields ? [fields.messages] : [])) ?? [];

  test('what cannot be taken back of a COPY keeps nothing else from being taken back, and is told', async () => {
    await fill(ann, 'box');
    await fill(ann, 'box');
    await answers(bob, `SELECT ${box}`);
    around = async (n, run) => (n === 2 ? away() : await run());
    withdrawing = (n) => (n === 0 ? away() : undefined);
    expect(await last(bob, `COPY 1:${2 * MANY} INBOX`)).toMatch(/^a NO \[UNAVAILABLE\]/);
    expect(await count(bob, 'INBOX')).toBe(200);
    expect(toldLeft(1)).toEqual([200]);
  });

  test('a COPY whose client hangs up leaves nothing', async () => {
    await fill(ann, 'box');
    await answers(bob, `SELECT ${box}`);
    const reached = Promise.withResolvers<void>();
    around = async (n, run, signal) => {
      const outcome = await run();
      if (n === 0) return outcome;
      reached.resolve();
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      throw signal.reason;
    };
    bob.send(`a COPY 1:${MANY} INBOX\r\n`);
    await reached.promise;
    const copied = 'SELECT count(*) AS n FROM mail.message m JOIN mail.mailbox b ON b.id = m.mailbox WHERE b.owner = ?';
    const messages = async (): Promise<unknown> =>
      Number((await partitions.bob.sql(copied, [owner.replace('ann', 'bob')]))[0]?.n);
    expect(await messages()).toBe(MANY);
    bob.reset();
    await expect.poll(messages, { timeout: 5000 }).toBe(0);
  });

  test('a right that is taken away ends a COPY with the next part, and it leaves nothing', async () => {
    await fill(bob, 'INBOX');
    await answers(bob, 'SELECT INBOX');
    around = async (_, run) => {
      const outcome = await run();
      await answers(ann, `SETACL box ${owner.replace('ann', 'bob')} -i`);
      return outcome;
    };
    expect(await last(bob, `COPY 1:${MANY} ${box}`)).toMatch(/^a NO \[NOPERM\]/);
    expect(await count(ann, 'box')).toBe(0);
  });

  test('a right to expunge that is taken away ends a MOVE with the next part, and tells what has moved', async () => {
    await fill(ann, 'box');
    await answers(bob, `SELECT ${box}`);
    around = async (_, run) => {
      const outcome = await run();
      await answers(ann, `SETACL box ${owner.replace('ann', 'bob')} -e`);
      return outcome;
    };
    const lines = await bob.command(`a UID MOVE 1:${MANY} INBOX`);
    expect(lines.find((line) => line.includes('COPYUID'))).toMatch(/^\* OK \[COPYUID \d+ 1:200 1:200\]/);
    expect(lines.filter((line) => line.endsWith(' EXPUNGE'))).toHaveLength(200);
    expect(lines.at(-1)).toMatch(/^a NO \[NOPERM\]/);
    expect([await count(bob, 'INBOX'), await count(ann, 'box')]).toEqual([200, 2]);
  });

  test('a MOVE whose second part fails leaves each message in one place', async () => {
    await fill(ann, 'box');
    await answers(bob, `SELECT ${box}`);
    around = async (n, run) => ((await run()) && n === 1 ? away() : await run());
    const lines = await bob.command(`a MOVE 1:${MANY} INBOX`);
    expect(lines.find((line) => line.includes('COPYUID'))).toMatch(/^\* OK \[COPYUID \d+ 1:200 1:200\]/);
    expect(lines.at(-1)).toMatch(/^a NO \[UNAVAILABLE\]/);
    expect([await count(bob, 'INBOX'), await count(ann, 'box')]).toEqual([200, 2]);
  });

  test('all of a COPY goes into the mailbox that was asked for, not into one that gets its name', async () => {
    await fill(bob, 'INBOX');
    await answers(bob, 'SELECT INBOX');
    around = async (_, run) => {
      const outcome = await run();
      await answers(ann, 'RENAME box other');
      await answers(ann, 'CREATE box');
      await answers(ann, `SETACL box ${owner.replace('ann', 'bob')} lri`);
      return outcome;
    };
    expect(await last(bob, `COPY 1:${MANY} ${box}`)).toMatch(/^a NO \[TRYCREATE\]/);
    expect([await count(ann, 'box'), await count(ann, 'other')]).toEqual([0, 0]);
  });

  test.each([
    { name: 'APPEND', command: `APPEND BOX {6+}\r\na: b\r\n`, asks: 2, answer: /^a OK/, there: 1 },
    { name: 'DELETE', command: `DELETE BOX`, asks: 1, answer: /^a NO \[NONEXISTENT\]/, there: 0 },
    { name: 'RENAME', command: `RENAME BOX OTHER/new`, asks: 1, answer: /^a NO \[NONEXISTENT\]/, there: 0 },
  ])('$name is for the mailbox whose rights were asked, not for one that gets its name', async (each) => {
    let asked = 0;
    found = async () => {
      asked++;
      if (asked !== each.asks) return;
      await answers(ann, 'RENAME box other');
      await answers(ann, 'CREATE box');
    };
    const command = each.command.replace('BOX', box).replace('OTHER/new', box.replace('box', 'other/new'));
    expect(await last(bob, command)).toMatch(each.answer);
    undisturbed();
    expect([await count(ann, 'box'), await count(ann, 'other')]).toEqual([0, each.there]);
  });

  test('COPY leaves out what is expunged', async () => {
    await fill(ann, 'box', 3);
    await answers(bob, `SELECT ${box}`);
    await answers(ann, 'SELECT box');
    await answers(ann, 'STORE 2 +FLAGS (\\Deleted)');
    await answers(ann, 'EXPUNGE');
    expect(await last(bob, 'UID COPY 1:3 INBOX')).toMatch(/^a OK \[COPYUID \d+ 1,3 1:2\]/);
    expect(await count(bob, 'INBOX')).toBe(2);
  });

  test('what somebody else has moved meanwhile is moved once', async () => {
    await fill(ann, 'box', 3);
    await answers(bob, `SELECT ${box}`);
    await answers(ann, 'SELECT box');
    around = async (_, run) => {
      const outcome = await run();
      await answers(ann, 'MOVE 2 INBOX');
      return outcome;
    };
    const lines = await bob.command('a MOVE 1:3 INBOX');
    expect(lines.find((line) => line.includes('COPYUID'))).toMatch(/^\* OK \[COPYUID \d+ 1,3 1,3\]/);
    expect([await count(bob, 'INBOX'), await count(ann, 'INBOX')]).toEqual([2, 1]);
    await answers(ann, 'SELECT INBOX');
    await fill(ann, 'box', 1);
    around = async (_, run) => {
      const outcome = await run();
      await answers(ann, 'DELETE box');
      return outcome;
    };
    await answers(bob, `SELECT ${box}`);
    expect(await last(bob, 'MOVE 1 INBOX')).toMatch(/^a NO \[EXPUNGEISSUED\]/);
    expect(await count(bob, 'INBOX')).toBe(2);
  });

  test('copies of what somebody else has moved that cannot be removed are told', async () => {
    await fill(ann, 'box', 3);
    await answers(bob, `SELECT ${box}`);
    await answers(ann, 'SELECT box');
    around = async (_, run) => {
      const outcome = await run();
      await answers(ann, 'MOVE 2 INBOX');
      expunging = (store) => (store === partitions.bob.store ? away() : undefined);
      return outcome;
    };
    const before = toldLeft(1).length;
    const lines = await bob.command('a MOVE 1:3 INBOX');
    expect(lines.find((line) => line.includes('COPYUID'))).toMatch(/^\* OK \[COPYUID \d+ 1,3 1,3\]/);
    expect(lines.at(-1)).toMatch(/^a NO \[UNAVAILABLE\]/);
    expect(toldLeft(1).slice(before)).toEqual([1]);
  });

  test('MOVE takes the flags that a message has by now', async () => {
    await fill(ann, 'box', 2);
    await answers(bob, `SELECT ${box}`);
    await answers(ann, 'SELECT box');
    await answers(ann, 'STORE 1:2 +FLAGS (\\Flagged kept)');
    await answers(bob, 'MOVE 1:2 INBOX');
    await answers(bob, 'SELECT INBOX');
    expect((await answers(bob, 'FETCH 1:2 FLAGS')).map((line) => line.replace(' \\Recent', ''))).toEqual([
      '* 1 FETCH (FLAGS (\\Flagged kept))',
      '* 2 FETCH (FLAGS (\\Flagged kept))',
    ]);
  });
});
