import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { changesSince } from './mailbox-state.ts';
import { startStoreServer } from './test-support/start-store-server.ts';
import { appendText, attempt, operation, type StoreFixture } from './test-support/store-fixture.ts';
import type { TestStoreServer } from './test-support/test-store-server.ts';
import type { ModSeq } from './types.ts';

// Promise: an unplanned promotion makes every identifier jump, at once for readers and for good at the first write.

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

  const GAP = 1000;
  const inbox = async (store = f.store) => {
    const state = await store.findMailbox('ada', 'INBOX', attempt);
    if (state === null) throw new Error('no INBOX');
    return state;
  };

  test('the jump is the same before and after it is made real', async () => {
    await f.append('1: 1\r\n\r\n');
    const before = await inbox();
    const store = await f.atEpoch(2, { uidGap: GAP });
    const virtual = await inbox(store);
    expect(virtual).toMatchObject({
      uidValidity: before.uidValidity,
      uidNext: before.uidNext + GAP,
      highestModSeq: before.highestModSeq + GAP,
      forks: [{ modSeq: before.highestModSeq, gap: GAP }],
    });
    expect(await store.newestOf([f.inbox], attempt)).toEqual(
      new Map([[f.inbox, { name: 'INBOX', highestModSeq: virtual.highestModSeq }]]),
    );
    expect(await appendText(store, '2: 2\r\n\r\n')).toBe(virtual.uidNext);
    const real = await inbox(store);
    expect(real).toMatchObject({ uidNext: virtual.uidNext + 1, highestModSeq: virtual.highestModSeq + 1 });
    expect(real.forks).toEqual(virtual.forks);
    const forks = await f.sql('SELECT epoch, uid_next, modseq FROM mail.fork');
    expect(forks.map((fork) => [fork.epoch, fork.uid_next, fork.modseq].map(Number))).toEqual([
      [2, before.uidNext, before.highestModSeq],
    ]);
  });

  test('a planned change of primary moves nothing; several unplanned ones add up', async () => {
    await f.append('1: 1\r\n\r\n');
    const before = await inbox();
    await f.atEpoch(2, { uidGap: 0 });
    await f.atEpoch(3, { uidGap: GAP });
    const store = await f.atEpoch(4, { uidGap: GAP });
    const forks = [
      { modSeq: before.highestModSeq, gap: GAP },
      { modSeq: before.highestModSeq + GAP, gap: GAP },
    ];
    expect(await inbox(store)).toMatchObject({ uidNext: before.uidNext + 2 * GAP, forks });
    await appendText(store, '2: 2\r\n\r\n');
    expect(await inbox(store)).toMatchObject({ uidNext: before.uidNext + 2 * GAP + 1, forks });
  });

  for (const [name, write] of Object.entries({
    STORE: (s: StoreFixture['store'], uid: number) =>
      s.storeFlags(
        {
          operation: operation(),
          mailbox: f.inbox,
          uids: [uid as never],
          change: { mode: 'add', system: 4, keywords: [] },
          unchangedSince: null,
        },
        attempt,
      ),
    EXPUNGE: (s: StoreFixture['store'], uid: number) =>
      s.expunge({ operation: operation(), mailbox: f.inbox, uids: [uid as never], onlyDeleted: false }, attempt),
    MOVE: (s: StoreFixture['store'], uid: number) =>
      s.copy(
        { operation: operation(), from: f.inbox, owner: 'ada', to: 'Sent', uids: [uid as never], move: true },
        attempt,
      ),
  })) {
    test(`${name} as the first write stamps its mod-sequence beyond the gap`, async () => {
      const uid = await f.append('1: 1\r\n\r\n');
      const before = await inbox();
      const store = await f.atEpoch(2, { uidGap: GAP });
      const outcome = await write(store, uid);
      expect(outcome).toMatchObject({ modSeq: before.highestModSeq + GAP + 1 });
      expect(await inbox(store)).toMatchObject({
        uidNext: before.uidNext + GAP,
        highestModSeq: before.highestModSeq + GAP + 1,
      });
    });
  }

  test('a STORE that changes nothing answers with the mod-sequence that clients see', async () => {
    const uid = await f.append('1: 1\r\n\r\n', { system: 1 });
    const store = await f.atEpoch(2, { uidGap: GAP });
    const change = { mode: 'add', system: 1, keywords: [] } as const;
    const request = { operation: operation(), mailbox: f.inbox, uids: [uid], change, unchangedSince: null };
    expect(await store.storeFlags(request, attempt)).toMatchObject({ modSeq: (await inbox(store)).highestModSeq });
  });

  test('a mod-sequence of the lost tail gets everything, others a delta', async () => {
    const first = await f.append('1: 1\r\n\r\n');
    const before = await inbox();
    const store = await f.atEpoch(2, { uidGap: GAP });
    const second = await appendText(store, '2: 2\r\n\r\n');
    const lost = (before.highestModSeq + 5) as ModSeq;
    expect(changesSince(await inbox(store), lost)).toBe(0);
    const whole = await store.loadChanges(f.inbox, lost, attempt);
    expect(whole).toMatchObject({ whole: true, rows: { count: 2 } });
    const delta = await store.loadChanges(f.inbox, before.highestModSeq, attempt);
    expect(delta).toMatchObject({ whole: false, rows: { count: 1 } });
    expect([...(whole?.rows.uids ?? [])]).toEqual([first, second]);
  });

  test('UIDVALIDITY of a new mailbox jumps too, and never goes back', async () => {
    const create = async (store: StoreFixture['store'], name: string) => {
      await store.createMailbox({ operation: operation(), owner: 'ada', name, specialUse: [] }, attempt);
      return (await store.findMailbox('ada', name, attempt))?.uidValidity ?? 0;
    };
    const first = await create(f.store, 'one');
    const store = await f.atEpoch(2, { uidGap: GAP });
    const second = await create(store, 'two');
    expect(second).toBe(first + GAP + 1);
    expect(await create(store, 'three')).toBe(second + 1);
  });

  test('a writer at an old epoch is refused and writes nothing', async () => {
    await f.atEpoch(2, { uidGap: GAP });
    await expect(f.append('1: 1\r\n\r\n')).rejects.toThrow('epoch 2, not 1');
    expect(await f.sql('SELECT 1 FROM mail.message')).toEqual([]);
  });
});
