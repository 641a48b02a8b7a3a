import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { NO_LIMITS } from '../quota.ts';
import { startStoreServer } from '../test-support/start-store-server.ts';
import { attempt, operation, type StoreFixture } from '../test-support/store-fixture.ts';
import type { TestStoreServer } from '../test-support/test-store-server.ts';
import type { MailboxId, Uid } from '../types.ts';

describe.each(enginesUnderTest)('%s', (engine) => {
  let server: TestStoreServer;
  let f: StoreFixture;
  beforeAll(async () => {
    server = await startStoreServer(engine);
  });
  beforeEach(async () => {
    f = await server.openStore();
    return () => f.close();
  });
  afterAll(() => server?.stop());

  const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));

  test('whoever sees UID n sees every lower one: commits come in the order of UIDs', async () => {
    let appending = true;
    const watch = async (): Promise<void> => {
      let seen = 0;
      while (appending) {
        const view = await f.store.loadView(f.inbox, attempt);
        const uids = [...(view?.rows.uids ?? [])];
        // Nothing is expunged here, so a gap could only be a lower UID that comes later.
        expect(uids).toEqual(times(uids.length, (i) => i + 1));
        expect(view?.state).toMatchObject({ uidNext: uids.length + 1, messages: uids.length });
        expect(uids.length).toBeGreaterThanOrEqual(seen);
        seen = uids.length;
      }
    };
    const watching = watch();
    const appended = await Promise.all(
      times(12, async (writer) => {
        const uids: Uid[] = [];
        for (let i = 0; i < 25; i++) uids.push(await f.append(`w: ${writer}\r\n\r\n${i}`));
        return uids;
      }),
    );
    appending = false;
    await watching;
    expect(appended.flat().sort((a, b) => a - b)).toEqual(times(300, (i) => i + 1));
    // Within one writer, later means higher.
    for (const uids of appended) expect(uids).toEqual([...uids].sort((a, b) => a - b));
  });

  const LIMITS = { STORAGE: 10_000_000, MESSAGE: 100_000, MAILBOX: 100 };

  test.each([
    ['without limits', NO_LIMITS],
    ['with limits', LIMITS],
  ])('COPY, MOVE, RENAME, STORE, EXPUNGE and APPEND %s never deadlock and keep the counters', async (_, limits) => {
    await using stack = new AsyncDisposableStack();
    const f = await server.openStore({ limits });
    stack.defer(() => f.close());
    await f.store.createAccount({ operation: operation(), name: 'bob', passwordHash: 'x', mailboxes: [] }, attempt);
    const bobs = (await f.store.findMailbox('bob', 'INBOX', attempt))?.id as MailboxId;
    const other = (await f.store.findMailbox('ada', 'Sent', attempt))?.id as MailboxId;
    for (let i = 0; i < 20; i++)
      await f.append(`n: ${i}\r\n\r\n`, { mailbox: i % 2 === 0 ? 'INBOX' : 'Sent', keywords: [`k${i}`] });
    const uids = times(60, (i) => (i + 1) as Uid);
    const id = operation;
    const copy = (from: MailboxId, to: string, move: boolean) =>
      f.store.copy({ operation: id(), from, owner: 'ada', to, uids, move }, attempt);
    const give = (from: MailboxId, owner: string) =>
      f.store.copy({ operation: id(), from, owner, to: 'INBOX', uids, move: true }, attempt);
    const rename = (name: string, to: string) =>
      f.store.renameMailbox({ operation: id(), owner: 'ada', name, to }, attempt);
    const work = [
      () => copy(f.inbox, 'Sent', true),
      () => copy(other, 'INBOX', true),
      () => give(f.inbox, 'bob'),
      () => give(bobs, 'ada'),
      () => copy(f.inbox, 'Sent', false),
      () => copy(other, 'INBOX', false),
      () => rename('Sent', 'Sent2'),
      () => rename('Sent2', 'Sent'),
      () => f.append('x: y\r\n\r\n', { keywords: ['k3', 'k4'] }),
      () =>
        f.store.storeFlags(
          {
            operation: id(),
            mailbox: other,
            uids,
            change: { mode: 'add', system: 9, keywords: ['z'] },
            unchangedSince: null,
          },
          attempt,
        ),
      () => f.store.expunge({ operation: id(), mailbox: f.inbox, uids: uids.slice(0, 5), onlyDeleted: false }, attempt),
      () => f.store.createMailbox({ operation: id(), owner: 'ada', name: 'INBOX/new', specialUse: [] }, attempt),
    ];
    await Promise.all(
      times(10, async (i) => {
        for (let round = 0; round < 8; round++) await work[(i + round) % work.length]?.();
      }),
    );
    expect(await f.deadlocks()).toBe(0);
    expect(await f.verify()).toEqual([]);
  });

  const waiting = async (count: number): Promise<void> => {
    await expect.poll(() => f.waiting(), { timeout: 10_000, interval: 20 }).toBe(count);
  };

  test('who waits for the usage of one owner has no other owner wait', async () => {
    await f.store.createAccount({ operation: operation(), name: 'bob', passwordHash: 'x', mailboxes: [] }, attempt);
    const create = (owner: string) =>
      f.store.createMailbox({ operation: operation(), owner, name: 'new', specialUse: [] }, attempt);
    const holder = await f.session();
    try {
      await holder.sql('BEGIN');
      await holder.sql("SELECT 1 FROM mail.usage WHERE owner = 'ada' FOR UPDATE");
      const held = create('ada');
      await waiting(1);
      expect(await create('bob')).toMatchObject({ kind: 'created' });
      await holder.sql('COMMIT');
      expect(await held).toMatchObject({ kind: 'created' });
    } finally {
      await holder.end();
    }
  });

  test('MOVE between owners locks their usage by name, whichever it adds to first', async () => {
    await f.store.createAccount({ operation: operation(), name: 'bob', passwordHash: 'x', mailboxes: [] }, attempt);
    await f.append('a: b\r\n\r\n');
    const holder = await f.session();
    try {
      await holder.sql('BEGIN');
      await holder.sql("SELECT 1 FROM mail.usage WHERE owner = 'ada' FOR UPDATE");
      const request = {
        operation: operation(),
        from: f.inbox,
        owner: 'bob',
        to: 'INBOX',
        uids: [1 as Uid],
        move: true,
      };
      const moved = f.store.copy(request, attempt);
      await waiting(1);
      // Behind ada's nothing of bob's is held.
      await holder.sql("SELECT 1 FROM mail.usage WHERE owner = 'bob' FOR UPDATE NOWAIT");
      await holder.sql('COMMIT');
      expect(await moved).toMatchObject({ kind: 'copied' });
    } finally {
      await holder.end();
    }
  });

  test('CREATE below a mailbox that is written to does not wait for the writer, who may wait for it', async () => {
    const holder = await f.session();
    try {
      await holder.sql('BEGIN');
      await holder.sql("UPDATE mail.mailbox SET size = size WHERE owner = 'ada' AND name = 'INBOX'");
      const request = { operation: operation(), owner: 'ada', name: 'INBOX/new', specialUse: [] };
      const signal = AbortSignal.timeout(5_000);
      expect(await f.store.createMailbox(request, { signal })).toMatchObject({ kind: 'created' });
    } finally {
      await holder.end();
    }
  });
});
