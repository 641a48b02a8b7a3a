import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { startStoreServer } from '../test-support/start-store-server.ts';
import { attempt, collect, inPieces, operation, type StoreFixture } from '../test-support/store-fixture.ts';
import type { TestStoreServer } from '../test-support/test-store-server.ts';
import type { Uid } from '../types.ts';

// Promise: what is too much for one statement or one packet of an engine is one change nevertheless, and in order.

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

  async function append(texts: readonly Buffer[], keywords: readonly string[] = []): Promise<readonly Uid[]> {
    const id = operation();
    const messages = [];
    for (const [ordinal, text] of texts.entries()) {
      const staged = await f.store.stage(inPieces(text), { operation: id, ordinal }, attempt);
      messages.push({ staged, flags: { system: 0, keywords }, internalDate: new Date(0) });
    }
    const outcome = await f.store.append({ operation: id, owner: 'ada', mailbox: 'INBOX', messages }, attempt);
    if (outcome.kind !== 'appended') throw new Error(outcome.kind);
    return outcome.uids;
  }

  async function rawOf(uids: readonly Uid[]): Promise<readonly (Buffer | undefined)[]> {
    const request = { mailbox: f.inbox, uids, fields: new Set(['raw'] as const) };
    return (await collect(f.store.readMessages(request, attempt))).flat().map(({ raw }) => raw);
  }

  test.each([
    ['as a whole', []],
    ['step by step', ['k']],
  ])('20 messages of every size up to a chunk come at once, %s', async (_, keywords) => {
    const texts = times(20, (i) => Buffer.concat([Buffer.from(`n: ${i}\r\n\r\n`), randomBytes(i * 13_000)]));
    const before = await append([Buffer.from('a: b\r\n\r\n')]);
    const uids = await append(texts, keywords);
    expect(uids).toEqual(texts.map((_text, i) => (before[0] ?? 0) + 1 + i));
    const found = await rawOf(uids);
    expect(found.every((raw, i) => raw?.equals(texts[i] as Buffer))).toBe(true);
    expect(await f.sql('SELECT * FROM mail.staged')).toEqual([]);
    expect(await f.verify()).toEqual([]);
  });

  test('COPY, STORE, MOVE and EXPUNGE of 2,500 messages that are no neighbours', async () => {
    const [first = 0 as Uid] = await append([Buffer.from('n: x\r\n\r\n')]);
    const copyOf = async (uids: readonly Uid[], to: string, move = false) => {
      const outcome = await f.store.copy(
        { operation: operation(), from: f.inbox, owner: 'ada', to, uids, move },
        attempt,
      );
      if (outcome.kind !== 'copied') throw new Error(outcome.kind);
      return outcome;
    };
    // One message, and twice as many of it each time.
    const all: Uid[] = [first];
    while (all.length < 5_000) all.push(...(await copyOf(all.slice(0, 5_000 - all.length), 'INBOX')).target);
    expect(all).toEqual(times(5_000, (i) => first + i));
    const odd = all.filter((_, i) => i % 2 === 0);
    const even = all.filter((_, i) => i % 2 === 1);

    const within = await copyOf(odd, 'INBOX');
    expect(within).toMatchObject({ source: odd, target: odd.map((_, i) => 5_000 + first + i) });
    const change = { mode: 'add', system: 8, keywords: [] } as const;
    const stored = await f.store.storeFlags(
      { operation: operation(), mailbox: f.inbox, uids: even, change, unchangedSince: null },
      attempt,
    );
    if (stored.kind !== 'stored') throw new Error(stored.kind);
    expect([...stored.rows.uids]).toEqual(even);
    expect(new Set(stored.rows.flags)).toEqual(new Set([8]));
    const moved = await copyOf(odd, 'Sent', true);
    expect(moved).toMatchObject({ source: odd, target: odd.map((_, i) => 1 + i) });
    const again = await copyOf(even, 'INBOX', true);
    expect(again).toMatchObject({ source: even, target: even.map((_, i) => 7_500 + first + i) });
    const late = times(5_000, (i) => (5_000 + first + i) as Uid).filter((_, i) => i % 2 === 0);
    const expunged = await f.store.expunge(
      { operation: operation(), mailbox: f.inbox, uids: late, onlyDeleted: false },
      attempt,
    );
    expect(expunged).toMatchObject({ kind: 'expunged', uids: late });
    expect(await f.store.findMailbox('ada', 'INBOX', attempt)).toMatchObject({ messages: 2_500, deleted: 1_250 });
    expect(await f.verify()).toEqual([]);
  });
});
