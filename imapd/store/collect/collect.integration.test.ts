import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { createLogger } from '#runtime/logger.ts';
import { CHUNK_SIZE } from '../messages/content-row.ts';
import { startStoreServer } from '../test-support/start-store-server.ts';
import { collect as all, attempt, inPieces, operation, type StoreFixture } from '../test-support/store-fixture.ts';
import type { TestStoreServer } from '../test-support/test-store-server.ts';
import type { ModSeq, Uid } from '../types.ts';
import { defaultLimits, defaultRetention } from './collect.ts';
import { collectPeriodically } from './collect-periodically.ts';

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

  const count = async (table: string): Promise<number> =>
    Number((await f.sql<{ n: unknown }>(`SELECT count(*) AS n FROM mail.${table}`))[0]?.n);
  const run = (retention: Partial<typeof defaultRetention>, batch = 2) =>
    f.collect({ ...defaultLimits, batch, retention: { ...defaultRetention, ...retention } });
  const expunge = (uids: readonly Uid[]) =>
    f.store.expunge({ operation: operation(), mailbox: f.inbox, uids, onlyDeleted: false }, attempt);
  const texts = async (uid: Uid) => {
    const read = f.store.readMessages({ mailbox: f.inbox, uids: [uid], fields: new Set(['raw'] as const) }, attempt);
    return (await all(read)).flat().map((message) => message.raw?.toString());
  };

  test('content of an expunged message stays for its time, and for ever where a copy refers to it', async () => {
    const uids = [await f.append('1: 1\r\n\r\n'), await f.append('2: 2\r\n\r\n'), await f.append('3: 3\r\n\r\n')];
    const request = {
      operation: operation(),
      from: f.inbox,
      owner: 'ada',
      to: 'Sent',
      uids: uids.slice(0, 1),
      move: false,
    };
    await f.store.copy(request, attempt);
    await expunge(uids);
    expect(await run({})).toMatchObject({ expunged: 0 });
    expect(await texts(uids[1] as Uid)).toEqual(['2: 2\r\n\r\n']);
    expect(await run({ content: 0 })).toMatchObject({ expunged: 3 });
    expect(await texts(uids[1] as Uid)).toEqual([]);
    expect(await count('content')).toBe(1);
    expect(await count('chunk')).toBe(1);
    expect(await f.verify()).toEqual([]);
    const read = f.store.readRaw({ mailbox: f.inbox, uid: uids[1] as Uid, offset: 0, length: 9 }, attempt);
    await expect(all(read)).rejects.toMatchObject({ name: 'ContentGone' });
  });

  test('without old tombstones a delta is refused and the mailbox told whole', async () => {
    const uids = [await f.append('1: 1\r\n\r\n'), await f.append('2: 2\r\n\r\n')];
    const before = (await f.store.loadView(f.inbox, attempt))?.state.highestModSeq as ModSeq;
    await expunge(uids.slice(0, 1));
    const between = (await f.store.loadView(f.inbox, attempt))?.state.highestModSeq as ModSeq;
    await run({ content: 0, tombstones: 0 });
    expect(await count('tombstone')).toBe(0);
    expect(await f.store.loadChanges(f.inbox, before, attempt)).toMatchObject({ whole: true, rows: { count: 1 } });
    expect(await f.store.loadChanges(f.inbox, between, attempt)).toMatchObject({ whole: false, expunged: [] });
  });

  test('a deleted mailbox leaves nothing behind', async () => {
    for (let i = 0; i < 5; i++) await f.append(`${i}: ${i}\r\n\r\n`, { mailbox: 'Sent' });
    await f.store.deleteMailbox({ operation: operation(), owner: 'ada', name: 'Sent' }, attempt);
    expect(await count('message')).toBe(5);
    await run({});
    expect(await count('message')).toBe(5);
    await run({ content: 0 });
    for (const table of ['message', 'content', 'chunk', 'removed_mailbox']) expect(await count(table)).toBe(0);
  });

  test('abandoned uploads and old operations go; a run stops at its limit and the next goes on', async () => {
    for (let i = 0; i < 3; i++) {
      await f.store.stage(inPieces(randomBytes(CHUNK_SIZE + 1)), { operation: operation(), ordinal: 0 }, attempt);
    }
    await run({});
    expect(await count('chunk')).toBe(6);
    const limits = { ...defaultLimits, batch: 100, transactions: 3, retention: { ...defaultRetention, staged: 0 } };
    await f.collect(limits);
    expect(await count('staged')).toBe(2);
    await f.collect({ ...limits, transactions: 20 });
    for (const table of ['staged', 'chunk', 'content']) expect(await count(table)).toBe(0);
    expect(await count('operation')).toBeGreaterThan(5);
    await run({ operations: 0 });
    expect(await count('operation')).toBeLessThan(5);
  });

  test('a process collects again and again, goes on after a failure, and stops when told', async () => {
    const uid = await f.append('1: 1\r\n\r\n');
    await expunge([uid]);
    const stop = new AbortController();
    let runs = 0;
    const running = collectPeriodically({
      // The first run meets a repository at another epoch.
      repositories: () => [f.collectableAt(runs++ === 0 ? 99 : 1)],
      signal: stop.signal,
      log: createLogger({ program: 'test', level: 'error' }),
      random: () => 0,
      intervalMs: 20,
      limits: { ...defaultLimits, retention: { ...defaultRetention, content: 0 } },
    });
    await vi.waitFor(async () => expect(await count('content')).toBe(0), { timeout: 10_000, interval: 20 });
    stop.abort();
    await running;
    expect(runs).toBeGreaterThan(1);
  });
});
