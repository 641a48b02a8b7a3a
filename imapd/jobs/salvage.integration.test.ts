import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { epoch, partitionName } from '#contract/names.ts';
import { roles } from '#database/roles.ts';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { createLogger } from '#runtime/logger.ts';
import { engineOf } from '../routing/test-support/servers/engines.ts';
import { SERVER } from '../store/annotations.ts';
import { COLLECTOR } from '../store/mysql/operations/lock-slots.ts';
import { COLLECTOR_LOCK } from '../store/postgres/collect/collect-steps.ts';
import { nothing } from '../store/salvage/salvage-context.ts';
import type { Store } from '../store/store.ts';
import {
  appendText,
  attempt,
  newDatabaseName,
  operation,
  type StoreFixture,
} from '../store/test-support/store-fixture.ts';
import type { MailboxId, OperationId, Uid } from '../store/types.ts';
import { salvageBetween } from './salvage-between.ts';
import { runProgram } from './test-support/run-program.ts';
import { type JobServer, startJobServer } from './test-support/start-job-server.ts';

// Promise: what only the old primary has comes back, once, under identifiers that nobody has seen.

describe.each(enginesUnderTest)('%s', (under) => {
  const GAP = 1000;
  let server: JobServer;
  /** The old primary and its replica, equal up to the fork; the replica is promoted to epoch 2. */
  let old: StoreFixture;
  let target: StoreFixture;
  let store: Store;
  /** UIDs 1 to 4 in INBOX, which both have. */
  let common: Uid[];

  beforeAll(async () => {
    server = await startJobServer(under);
  });
  afterAll(() => server?.stop());

  beforeEach(async () => {
    const first = await server.openStore();
    common = [];
    for (let i = 1; i <= 4; i++) common.push(await first.append(`common: ${i}\r\n\r\n`, { keywords: ['Both'] }));
    // The tail is told by time from what came before; ten seconds of margin must not blur it here.
    await first.sql("UPDATE mail.mailbox SET created_at = created_at - INTERVAL '1' HOUR");
    await first.sql("UPDATE mail.subscription SET subscribed_at = subscribed_at - INTERVAL '1' HOUR");
    await first.sql("UPDATE mail.account SET created_at = created_at - INTERVAL '1' HOUR");
    await first.close();
    const copy = newDatabaseName();
    await server.copyDatabase(first.database, copy);
    old = await server.openDatabase(first.database);
    target = await server.openDatabase(copy);
    store = await target.atEpoch(2, { uidGap: GAP });
    return async () => {
      await old.close();
      await target.close();
    };
  });

  /** As the job does it, reading with the role that may only read. */
  const run = ({ signal }: { readonly signal?: AbortSignal } = {}) => {
    const side = (database: string, user: string) => ({
      place: { endpoint: server.endpoint, database },
      credentials: { user, password: server.password },
    });
    return salvageBetween[engineOf(under)]({
      from: side(old.database, roles.salvage),
      into: side(target.database, roles.mail),
      partition: partitionName('users-a'),
      epoch: epoch(2),
      member: 'a0',
      lastEpoch: 1,
      attempt: signal === undefined ? attempt : { signal },
      log: createLogger({ program: 'salvage', level: 'error' }),
    });
  };
  const contents = async (f: StoreFixture, mailbox = 'INBOX'): Promise<string[]> =>
    (
      await f.sql<{ hash: Buffer }>(
        `SELECT c.hash FROM mail.message m JOIN mail.content c ON c.id = m.content
       JOIN mail.mailbox b ON b.id = m.mailbox WHERE b.name = ? AND b.owner = 'ada'`,
        [mailbox],
      )
    )
      .map((row) => row.hash.toString('hex'))
      .sort();
  const flagsOf = async (uid: Uid, mailbox: MailboxId = target.inbox) => {
    const view = await store.loadView(mailbox, attempt);
    const at = view?.rows.uids.indexOf(uid) ?? -1;
    const [low, high] = [view?.rows.keywordsLow[at] ?? 0, view?.rows.keywordsHigh[at] ?? 0];
    const keywords = view?.state.keywords.filter((_, bit) => (bit < 31 ? low >> bit : high >> (bit - 31)) & 1) ?? [];
    return { flags: view?.rows.flags[at], keywords };
  };
  const setFlags = (s: Store, uids: Uid[], { system, keywords = [] }: { system: number; keywords?: string[] }) =>
    s.storeFlags(
      {
        operation: operation(),
        mailbox: old.inbox,
        uids,
        change: { mode: 'add', system, keywords },
        unchangedSince: null,
      },
      attempt,
    );

  test('lost messages come back with new UIDs, flags, dates, keywords and equal content; a second run adds nothing', async () => {
    const large = randomBytes(700_000);
    const lost = [await old.append('lost: 1\r\n\r\n', { system: 5, keywords: ['Other'] }), await old.append(large)];
    await appendText(store, 'new: 1\r\n\r\n');
    expect(await run()).toEqual({ ...nothing(), messages: 2 });
    const tail = await contents(old);
    expect(await contents(target)).toEqual(expect.arrayContaining(tail));
    const view = await store.loadView(target.inbox, attempt);
    // 5 and 6 were handed out by the old primary: nobody meets them again.
    expect([...(view?.rows.uids ?? [])]).toEqual([...common, 1005, 1006, 1007]);
    expect(lost).toEqual([5, 6]);
    expect(await flagsOf(1006 as Uid)).toEqual({ flags: 5, keywords: ['$Salvaged', 'Other'] });
    const dates = await target.sql('SELECT DISTINCT internal_date FROM mail.message');
    expect(dates).toEqual([{ internal_date: new Date('2026-11-01T12:00:00Z') }]);
    expect(await target.verify()).toEqual([]);
    expect(await run()).toMatchObject({ messages: 0, known: 0 });
    expect(await store.loadView(target.inbox, attempt)).toEqual(view);
  });

  test('a message whose APPEND was repeated at the new primary is not brought twice', async () => {
    const id = operation();
    await old.append('again: 1\r\n\r\n', { operation: id });
    await old.append('sent again by hand\r\n\r\n');
    await old.append('sent again by hand\r\n\r\n');
    await appendText(store, 'again: 1\r\n\r\n', { operation: id as OperationId });
    await appendText(store, 'sent again by hand\r\n\r\n');
    expect(await run()).toMatchObject({ messages: 1, known: 2 });
    expect(await contents(target)).toEqual(await contents(old));
    expect(await run()).toMatchObject({ messages: 0, known: 0 });
  });

  test('flags are merged where untouched since; expunges are not repeated', async () => {
    const [first, second, third, fourth] = common as [Uid, Uid, Uid, Uid];
    await setFlags(old.store, [first, second], { system: 1, keywords: ['Read'] });
    await setFlags(store, [second], { system: 4 });
    await old.store.expunge({ operation: operation(), mailbox: old.inbox, uids: [third], onlyDeleted: false }, attempt);
    await store.expunge({ operation: operation(), mailbox: target.inbox, uids: [fourth], onlyDeleted: false }, attempt);
    await setFlags(old.store, [fourth], { system: 8 });
    expect(await run()).toMatchObject({ messages: 0, flags: 1, skipped: 1 });
    expect(await flagsOf(first)).toEqual({ flags: 1, keywords: ['Both', 'Read'] });
    expect(await flagsOf(second)).toEqual({ flags: 4, keywords: ['Both'] });
    expect((await store.loadView(target.inbox, attempt))?.rows.count).toBe(3);
    expect(await run()).toMatchObject({ flags: 0 });
    expect(await target.verify()).toEqual([]);
  });

  test('annotations of the tail are brought unless they have been written since', async () => {
    const write = (to: typeof store, mailbox: MailboxId, values: Record<string, string | null>) => {
      const changes = Object.entries(values).map(([name, text]) => ({
        entry: `/private/${name}`,
        value: text === null ? null : Buffer.from(text),
      }));
      return to.writeAnnotations({ operation: operation(), mailbox, reader: 'ada', changes, most: 99 }, attempt);
    };
    await old.store.createMailbox({ operation: operation(), owner: 'ada', name: 'noted', specialUse: [] }, attempt);
    const noted = (await old.store.findMailbox('ada', 'noted', attempt))?.id as MailboxId;
    await write(old.store, old.inbox, { both: 'old', lost: 'lost' });
    await write(old.store, SERVER, { color: 'red' });
    await write(old.store, noted, { comment: 'a new one' });
    await write(store, target.inbox, { both: 'new', gone: null });
    await run();
    const read = async () => {
      const here = (await store.findMailbox('ada', 'noted', attempt))?.id as MailboxId;
      const request = { reader: 'ada', entries: ['/private'], depth: 'infinity', maxSize: null } as const;
      const mailboxes = [target.inbox, SERVER, here];
      const { annotations: found } = await store.readAnnotations({ ...request, mailboxes }, attempt);
      return Object.fromEntries(found.map(({ entry, value }) => [entry.slice('/private/'.length), value?.toString()]));
    };
    expect(await read()).toEqual({ both: 'new', lost: 'lost', color: 'red', comment: 'a new one' });
    await write(store, target.inbox, { lost: null });
    await run();
    expect(await read()).not.toHaveProperty('lost');
  });

  test.each([
    ['first', '00000000-0000-4000-8000-000000000001'],
    ['last', 'ffffffff-ffff-4fff-bfff-ffffffffffff'],
  ])('where two annotations come to one, that of the very mailbox is brought, and read %s the other', async (_, id) => {
    const sent = (await old.store.findMailbox('ada', 'Sent', attempt))?.id as MailboxId;
    const named = { operation: operation(), owner: 'ada', name: 'Sent' };
    await old.store.renameMailbox({ ...named, to: 'Sent before' }, attempt);
    await old.store.createMailbox({ ...named, operation: operation(), specialUse: [] }, attempt);
    await old.sql("UPDATE mail.mailbox SET id = ? WHERE name = 'Sent'", [id]);
    // More than a page of both: some meet within one, some do not.
    const annotate = (mailbox: string, entries: readonly string[], value: string) =>
      old.sql(
        `INSERT INTO mail.annotation (mailbox, reader, entry, value) VALUES ${entries.map(() => "(?, 'ada', ?, ?)").join(', ')}`,
        entries.flatMap((entry) => [mailbox, entry, Buffer.from(value)]),
      );
    const both = Array.from({ length: 150 }, (_, n) => `/${n}`);
    await annotate(sent, both, 'the very one');
    await annotate(id, both, 'by name');
    await annotate(id, ['/new'], 'new');
    await run();
    const brought = await target.sql<{ mailbox: string; value: Buffer }>('SELECT mailbox, value FROM mail.annotation');
    const counted = Map.groupBy(brought, ({ mailbox, value }) => `${mailbox} ${value}`);
    expect([...counted].map(([what, of]) => [what, of.length]).sort()).toEqual([
      [`${sent} new`, 1],
      [`${sent} the very one`, 150],
    ]);
  });

  test('annotations of what is no more are not brought: nobody would collect them', async () => {
    const gone = '11111111-1111-4111-8111-111111111111';
    await old.append('lost: 1\r\n\r\n');
    const none = Buffer.alloc(0);
    await old.sql(
      `INSERT INTO mail.annotation (mailbox, reader, entry, value) VALUES
      (?, 'ada', '/a', ?), (?, 'nobody', '/a', ?), (?, 'nobody', '/a', ?), (?, 'ada', '/kept', ?)`,
      [gone, none, SERVER, none, old.inbox, none, SERVER, none],
    );
    await run();
    expect(await target.sql('SELECT mailbox, reader, entry FROM mail.annotation')).toEqual([
      { mailbox: SERVER, reader: 'ada', entry: '/kept' },
    ]);
  });

  test('private annotations of guests of other partitions are brought where an ACL or annotations still tell of them', async () => {
    const note = (to: Store, mailbox: MailboxId, reader: string) => {
      const changes = [{ entry: '/private/comment', value: Buffer.from(`of ${reader}`) }];
      return to.writeAnnotations({ operation: operation(), mailbox, reader, changes, most: 99 }, attempt);
    };
    const sent = (await old.store.findMailbox('ada', 'Sent', attempt))?.id as MailboxId;
    // Who comes by a group; who is removed leaves nothing.
    for (const each of [old.store, store]) await note(each, sent, 'colleague');
    for (const reader of ['guest', 'stranger', 'colleague']) await note(old.store, old.inbox, reader);
    const entry = { operation: operation(), mailbox: target.inbox, mode: 'replace', rights: 'lr', most: 9 } as const;
    await store.changeAcl({ ...entry, identifier: 'guest' }, attempt);
    await run();
    const found = 'SELECT reader FROM mail.annotation WHERE mailbox = ? ORDER BY reader';
    expect(await target.sql(found, [target.inbox])).toEqual([{ reader: 'colleague' }, { reader: 'guest' }]);
  });

  test('mailboxes, users and subscriptions of the tail are made, what was removed since stays away', async () => {
    const named = (name: string) => ({ operation: operation(), owner: 'ada', name });
    await old.store.createMailbox({ ...named('made/in/tail'), specialUse: ['\\Archive'] }, attempt);
    await old.append('in: it\r\n\r\n', { mailbox: 'made/in/tail' });
    await old.append('lost: in Sent\r\n\r\n', { mailbox: 'Sent' });
    await old.store.subscribe({ ...named('made/in/tail'), subscribed: true }, attempt);
    const eve = { operation: operation(), name: 'eve', passwordHash: 'secret', scramKeys: 'keys', mailboxes: [] };
    await old.store.createAccount(
      { ...eve, limits: { STORAGE: 5000 }, admin: true, groups: ['board', 'a "b"'] },
      attempt,
    );
    await store.deleteMailbox(named('Sent'), attempt);
    await store.subscribe({ ...named('Sent'), subscribed: false }, attempt);
    // made, made/in, made/in/tail, eve's INBOX, and Sent for the message nobody else has.
    expect(await run()).toMatchObject({ messages: 2, mailboxes: 5, accounts: 1, subscriptions: 2 });
    const listing = await store.listMailboxes('ada', attempt);
    expect(listing.find((line) => line.name === 'made/in/tail')).toMatchObject({
      subscribed: true,
      specialUse: ['\\Archive'],
      state: { messages: 1 },
    });
    expect(listing.find((line) => line.name === 'Sent')).toMatchObject({ subscribed: false, state: { messages: 1 } });
    expect(await store.findAccount('eve', attempt)).toMatchObject({
      ...{ passwordHash: 'secret', scramKeys: 'keys', admin: true, groups: ['board', 'a "b"'] },
      ownLimits: { STORAGE: 5000, MESSAGE: 'default' },
    });
    expect(await store.findMailbox('eve', 'INBOX', attempt)).not.toBeNull();
    await store.deleteMailbox(named('made/in/tail'), attempt);
    expect(await run()).toMatchObject({ messages: 0, mailboxes: 0, accounts: 0, subscriptions: 0 });
    expect(await store.findMailbox('ada', 'made/in/tail', attempt)).toBeNull();
  });

  /** All that there was before this came so many days ago; the target has collected the operations of then. */
  async function longAgo(days: number): Promise<void> {
    const earlier = (column: string) => `${column} = ${column} - INTERVAL '${days}' DAY`;
    for (const each of [old, target]) {
      await each.sql(`UPDATE mail.operation SET ${earlier('at')}`);
      for (const table of ['account', 'mailbox']) await each.sql(`UPDATE mail.${table} SET ${earlier('created_at')}`);
      await each.sql(`UPDATE mail.subscription SET ${earlier('subscribed_at')}`);
    }
    await target.sql("DELETE FROM mail.operation WHERE at < now() - INTERVAL '7' DAY");
  }
  const account = (name: string) => ({
    ...{ operation: operation(), name, passwordHash: 'secret', scramKeys: null, mailboxes: [] },
  });

  test('operations that have been collected here since are not of the tail: who was removed stays away', async () => {
    await longAgo(8);
    const since = new Date(Date.now() - 2 * 86_400_000);
    await old.sql("INSERT INTO mail.account (name, password_hash, created_at) VALUES ('removed', 'x', ?)", [since]);
    await old.append('lost: 1\r\n\r\n');
    await old.store.createAccount(account('new'), attempt);
    expect(await run()).toMatchObject({ messages: 1, accounts: 1 });
    expect(await store.findAccount('removed', attempt)).toBeNull();
    expect(await store.findAccount('new', attempt)).not.toBeNull();
  });

  test('after longer than operations are remembered: what the fork tells is brought, about the rest a person is asked', async () => {
    const named = { operation: operation(), owner: 'ada', name: 'Sent/2026' };
    await old.append('lost: 1\r\n\r\n');
    await old.store.createAccount(account('eve'), attempt);
    await old.store.createMailbox({ ...named, specialUse: [] }, attempt);
    await longAgo(9);
    const refusal = /was removed since: user eve, Sent\/2026 of ada\. All else was brought/;
    await expect(run()).rejects.toThrow(refusal);
    expect((await store.loadView(target.inbox, attempt))?.rows.count).toBe(5);
    expect(await store.findAccount('eve', attempt)).toBeNull();
    await expect(run()).rejects.toThrow(refusal);
    expect((await store.loadView(target.inbox, attempt))?.rows.count).toBe(5);
  });

  test('after longer than that, with nothing that is in question, it ends as ever', async () => {
    await old.append('lost: 1\r\n\r\n');
    await longAgo(9);
    expect(await run()).toEqual({ ...nothing(), messages: 1 });
  });

  test('a mailbox that is made anew is its owner\u2019s alone, whatever is above it', async () => {
    const named = (name: string) => ({ operation: operation(), owner: 'ada', name });
    for (const each of [old.store, store]) {
      const outcome = await each.createMailbox({ ...named('open'), specialUse: [] }, attempt);
      if (outcome.kind !== 'created') return expect.fail(outcome.kind);
      const grant = { mailbox: outcome.id, identifier: 'bob', mode: 'replace', rights: 'lr', most: 9 } as const;
      await each.changeAcl({ operation: operation(), ...grant }, attempt);
    }
    await old.store.createMailbox({ ...named('open/closed'), specialUse: [] }, attempt);
    await old.append('in: it\r\n\r\n', { mailbox: 'open/closed' });
    expect(await run()).toMatchObject({ messages: 1, mailboxes: 1 });
    const closed = await store.findMailbox('ada', 'open/closed', attempt);
    expect(closed === null ? null : await store.readAcl(closed.id, attempt)).toEqual({});
  });

  test('after planned changes only, nothing is looked at; at another epoch nothing is written', async () => {
    await old.append('lost: 1\r\n\r\n');
    const before = await contents(target);
    await target.atEpoch(3, { uidGap: 0 });
    await expect(run()).rejects.toThrow('epoch 3, not 2');
    expect(await contents(target)).toEqual(before);
  });

  test('while a collector is at work no message is brought: it might take its content', async () => {
    await old.append('lost: 1\r\n\r\n');
    const collector = await target.session();
    await collector.sql('START TRANSACTION');
    await collector.sql(
      under === 'postgresql'
        ? `SELECT pg_advisory_xact_lock(${COLLECTOR_LOCK})`
        : `SELECT slot FROM lock_slot WHERE slot = ${COLLECTOR} FOR UPDATE`,
    );
    const running = run();
    await expect.poll(() => target.waiting()).toBe(1);
    expect((await store.loadView(target.inbox, attempt))?.rows.count).toBe(common.length);
    await collector.sql('ROLLBACK');
    expect(await running).toMatchObject({ messages: 1 });
    await collector.end();
  });

  /** Fires when it is looked at for the nth time: before each transaction, and each read of the target. */
  function firingAt(n: number): AbortSignal {
    let looks = 0;
    return Object.assign(new AbortController().signal, {
      throwIfAborted() {
        looks += 1;
        if (looks >= n) throw new Error('broken off');
      },
    });
  }

  test('broken off at any step and run again, it brings everything once', async () => {
    const named = (name: string) => ({ operation: operation(), owner: 'ada', name });
    await old.append('lost: 1\r\n\r\n');
    await old.append(randomBytes(600_000));
    await setFlags(old.store, [common[0] as Uid], { system: 1, keywords: ['Read'] });
    await old.store.createMailbox({ ...named('made/in/tail'), specialUse: [] }, attempt);
    await old.append('in: it\r\n\r\n', { mailbox: 'made/in/tail' });
    await old.store.createAccount(account('eve'), attempt);
    const changes = [{ entry: '/private/comment', value: Buffer.from('lost') }];
    const note = { operation: operation(), mailbox: old.inbox, reader: 'ada', changes, most: 9 };
    await old.store.writeAnnotations(note, attempt);
    await store.deleteMailbox(named('Sent'), attempt);
    await old.append('lost: in Sent\r\n\r\n', { mailbox: 'Sent' });
    let broken = 0;
    for (let n = 1; ; n++) {
      const outcome = await run({ signal: firingAt(n) }).catch((error: Error) => error.message);
      if (typeof outcome !== 'string') break;
      expect(outcome).toBe('broken off');
      broken += 1;
    }
    // Reads, and some fifteen transactions.
    expect(broken).toBeGreaterThan(20);
    for (const mailbox of ['INBOX', 'made/in/tail', 'Sent'])
      expect(await contents(target, mailbox)).toEqual(await contents(old, mailbox));
    expect(await flagsOf(common[0] as Uid)).toEqual({ flags: 1, keywords: ['Both', 'Read'] });
    expect(await target.sql("SELECT entry FROM mail.annotation WHERE reader = 'ada'")).toEqual([{ entry: '/comment' }]);
    expect(await store.findAccount('eve', attempt)).not.toBeNull();
    expect(await target.verify()).toEqual([]);
    expect(await run()).toEqual(nothing());
  });

  test('as many keywords as a mailbox can have keep their names', async () => {
    const keywords = Array.from({ length: 60 }, (_, n) => `k${n}`);
    await old.append('lost: 1\r\n\r\n', { keywords: keywords.slice(20) });
    await old.append('lost: 2\r\n\r\n', { keywords: keywords.slice(0, 20) });
    await setFlags(old.store, [common[0] as Uid], { system: 0, keywords: [keywords[59] as string] });
    expect(await run()).toMatchObject({ messages: 2, flags: 1 });
    const ofLost = await flagsOf(1005 as Uid);
    expect(ofLost.keywords.toSorted()).toEqual(['$Salvaged', ...keywords.slice(20)].toSorted());
    expect((await flagsOf(common[0] as Uid)).keywords).toEqual(['Both', 'k59']);
  });

  test('the program: from one server to another, result on standard output', async () => {
    const other = await startJobServer(under);
    try {
      for (const each of [server, other]) await each.createDatabase('imap');
      const [from, into] = [await server.openDatabase('imap', { user: 'ada' }), await other.openDatabase('imap')];
      await into.atEpoch(2, { uidGap: GAP });
      await from.append('lost: 1\r\n\r\n');
      const configuration = {
        engine: engineOf(under),
        database: 'imap',
        epoch: 2,
        writer: { member: 'a1', endpoint: other.endpoint },
        from: { member: 'a0', endpoint: server.endpoint, lastEpoch: 1 },
      };
      const { password } = server;
      const ended = await runProgram('salvage', configuration, { password });
      expect(ended).toMatchObject({ code: 0, last: { messages: 1, accounts: 1, mailboxes: 2, subscriptions: 2 } });
      expect(await contents(into)).toEqual(await contents(from));
      expect((await runProgram('salvage', configuration, { password })).last).toEqual({ ...nothing() });
      expect(await runProgram('salvage', { ...configuration, epoch: 3 }, { password })).toMatchObject({ code: 1 });
      await from.close();
      await into.close();
    } finally {
      await other.stop();
    }
  });
});
