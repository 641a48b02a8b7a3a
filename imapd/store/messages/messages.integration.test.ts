import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { startStoreServer } from '../test-support/start-store-server.ts';
import { attempt, collect, inPieces, operation, type StoreFixture } from '../test-support/store-fixture.ts';
import type { TestStoreServer } from '../test-support/test-store-server.ts';
import type { ModSeq, Uid } from '../types.ts';
import { CHUNK_SIZE } from './content-row.ts';

describe.each(enginesUnderTest)('%s', (engine) => {
  let server: TestStoreServer;
  let f: StoreFixture;
  beforeAll(async () => {
    server = await startStoreServer(engine);
    f = await server.openStore();
  });
  afterAll(async () => {
    await f?.close();
    await server?.stop();
  });

  const message = (n: number): string => `Date: Sat, 31 Oct 2026 23:30:00 -0800\r\nSubject: ${n}\r\n\r\nbody ${n}\r\n`;
  const state = async () => {
    const found = await f.store.findMailbox('ada', 'INBOX', attempt);
    if (found === null) throw new Error('no INBOX');
    return found;
  };

  test('APPEND gives ascending UIDs, keeps counters and comes back octet for octet', async () => {
    const first = await f.append(message(1));
    const second = await f.append(message(2), { system: 1, keywords: ['$Junk', 'Work'] });
    expect(second).toBe(first + 1);
    expect(await state()).toMatchObject({
      messages: 2,
      unseen: 1,
      uidNext: second + 1,
      keywords: ['$Junk', 'Work'],
      recent: 2,
    });
    const view = await f.store.loadView(f.inbox, attempt);
    expect(view?.rows).toMatchObject({ count: 2 });
    expect([...(view?.rows.uids ?? [])]).toEqual([first, second]);
    expect([...(view?.rows.flags ?? [])]).toEqual([0, 1]);
    expect([...(view?.rows.keywordsLow ?? [])]).toEqual([0, 3]);
    const fields = new Set(['header', 'raw', 'size', 'internalDate', 'envelope', 'partIndex', 'sentDay'] as const);
    const [batch] = await collect(f.store.readMessages({ mailbox: f.inbox, uids: [second, first], fields }, attempt));
    expect(batch?.map((m) => m.raw?.toString())).toEqual([message(1), message(2)]);
    expect(batch?.[0]).toMatchObject({ uid: first, size: message(1).length, sentDay: '2026-10-31' });
    expect(batch?.[0]?.header?.toString()).toBe('Date: Sat, 31 Oct 2026 23:30:00 -0800\r\nSubject: 1\r\n\r\n');
    expect(batch?.[0]?.internalDate).toEqual(new Date('2026-11-01T12:00:00Z'));
  });

  test('columns whose names are longer together than the name of a statement may be are told apart', async () => {
    const uid = await f.append(message(3));
    const many = ['internalDate', 'savedAt', 'size', 'sentDay', 'contentHash', 'header', 'envelope'] as const;
    for (const last of ['body', 'bodyStructure'] as const) {
      const request = { mailbox: f.inbox, uids: [uid], fields: new Set([...many, last]) };
      const [batch] = await collect(f.store.readMessages(request, attempt));
      expect(batch?.[0]?.[last]).toBeTruthy();
    }
  });

  test('a large message is staged in chunks and read back in any range', async () => {
    const large = Buffer.concat([Buffer.from('Subject: large\r\n\r\n'), randomBytes(3 * CHUNK_SIZE + 1000)]);
    const uid = await f.append(large);
    const read = async (offset: number, length: number) =>
      Buffer.concat(await collect(f.store.readRaw({ mailbox: f.inbox, uid, offset, length }, attempt)));
    expect((await read(0, large.length)).equals(large)).toBe(true);
    expect((await read(CHUNK_SIZE - 3, 7)).equals(large.subarray(CHUNK_SIZE - 3, CHUNK_SIZE + 4))).toBe(true);
    expect((await read(3 * CHUNK_SIZE, 5 * CHUNK_SIZE)).equals(large.subarray(3 * CHUNK_SIZE))).toBe(true);
    expect(await read(10 * CHUNK_SIZE, 10)).toHaveLength(0);
    expect(await f.sql('SELECT * FROM mail.staged')).toEqual([]);
  });

  test('STORE changes what differs, counts, and leaves alone what is newer than UNCHANGEDSINCE', async () => {
    const uids = [await f.append(message(3)), await f.append(message(4)), await f.append(message(5))];
    const before = await state();
    const change = (request: { mode: 'add' | 'remove' | 'replace'; system: number; keywords?: string[] }) =>
      f.store.storeFlags(
        {
          operation: operation(),
          mailbox: f.inbox,
          uids,
          unchangedSince: null,
          change: { keywords: [], ...request },
        },
        attempt,
      );
    const added = await change({ mode: 'add', system: 1 | 8 });
    expect(added).toMatchObject({ kind: 'stored', modSeq: before.highestModSeq + 1 });
    expect(await state()).toMatchObject({ unseen: before.unseen - 3, deleted: before.deleted + 3 });
    const again = await change({ mode: 'add', system: 1 | 8 });
    expect(again).toMatchObject({ kind: 'stored', modSeq: before.highestModSeq + 1 });
    const replaced = await change({ mode: 'replace', system: 4, keywords: ['work', 'New'] });
    if (replaced.kind !== 'stored') throw new Error(replaced.kind);
    expect(replaced.keywords).toEqual(['$Junk', 'Work', 'New']);
    expect([...replaced.rows.flags]).toEqual([4, 4, 4]);
    expect([...replaced.rows.keywordsLow]).toEqual([6, 6, 6]);
    await change({ mode: 'remove', system: 0, keywords: ['WORK', 'unknown'] });
    const late = await f.store.storeFlags(
      {
        operation: operation(),
        mailbox: f.inbox,
        uids,
        unchangedSince: before.highestModSeq as ModSeq,
        change: { mode: 'add', system: 2, keywords: [] },
      },
      attempt,
    );
    expect(late).toMatchObject({ kind: 'stored', modified: uids });
    if (late.kind === 'stored') expect([...late.rows.flags]).toEqual([4, 4, 4]);
    expect(await state()).toMatchObject({ unseen: before.unseen, deleted: before.deleted });
  });

  test('EXPUNGE leaves tombstones; the content can still be read', async () => {
    const uids = [await f.append(message(6)), await f.append(message(7), { system: 8 }), await f.append(message(8))];
    const since = (await state()).highestModSeq;
    const request = { mailbox: f.inbox, uids: [...uids, 4_000_000 as Uid] };
    const deletedOnly = await f.store.expunge({ ...request, operation: operation(), onlyDeleted: true }, attempt);
    expect(deletedOnly).toMatchObject({ kind: 'expunged', uids: [uids[1]] });
    const rest = await f.store.expunge({ ...request, operation: operation(), onlyDeleted: false }, attempt);
    expect(rest).toMatchObject({ kind: 'expunged', uids: [uids[0], uids[2]] });
    const changes = await f.store.loadChanges(f.inbox, since, attempt);
    expect(changes).toMatchObject({ expunged: uids, whole: false, rows: { count: 0 } });
    const read = f.store.readMessages({ mailbox: f.inbox, uids, fields: new Set(['raw'] as const) }, attempt);
    expect((await collect(read))[0]?.map((m) => m.raw?.toString())).toEqual([6, 7, 8].map(message));
  });

  test('COPY and MOVE keep order, flags and keywords by name', async () => {
    await f.append(message(0), { mailbox: 'Sent', keywords: ['Other'] });
    const uids = [await f.append(message(9), { keywords: ['Work'] }), await f.append(message(10), { system: 5 })];
    const copied = await f.store.copy(
      { operation: operation(), from: f.inbox, owner: 'ada', to: 'Sent', uids, move: false },
      attempt,
    );
    expect(copied).toMatchObject({ kind: 'copied', source: uids, target: [2, 3] });
    const moved = await f.store.copy(
      { operation: operation(), from: f.inbox, owner: 'ada', to: 'Sent', uids, move: true },
      attempt,
    );
    expect(moved).toMatchObject({ kind: 'copied', source: uids, target: [4, 5] });
    const sent = await f.store.findMailbox('ada', 'Sent', attempt);
    expect(sent).toMatchObject({ messages: 5, unseen: 3, keywords: ['Other', 'Work'] });
    const view = await f.store.loadView(sent?.id ?? f.inbox, attempt);
    expect([...(view?.rows.keywordsLow ?? [])]).toEqual([1, 2, 0, 2, 0]);
    expect([...(view?.rows.flags ?? [])]).toEqual([0, 0, 5, 0, 5]);
    const itself = await f.store.copy(
      {
        operation: operation(),
        from: sent?.id ?? f.inbox,
        owner: 'ada',
        to: 'Sent',
        uids: [1, 2] as Uid[],
        move: true,
      },
      attempt,
    );
    expect(itself).toMatchObject({ source: [1, 2], target: [6, 7] });
    expect(
      await f.store.copy({ operation: operation(), from: f.inbox, owner: 'ada', to: 'no', uids, move: true }, attempt),
    ).toEqual({
      kind: 'noMailbox',
    });
  });

  test('an upload that breaks off leaves nothing in a mailbox', async () => {
    async function* broken(): AsyncGenerator<Buffer> {
      yield* inPieces(randomBytes(2 * CHUNK_SIZE));
      throw new Error('connection reset');
    }
    const before = await state();
    await expect(f.store.stage(broken(), { operation: operation(), ordinal: 0 }, attempt)).rejects.toThrow(
      'connection reset',
    );
    expect(await state()).toEqual(before);
    expect(await f.sql('SELECT * FROM mail.staged')).toHaveLength(1);
  });

  test('a deleted mailbox is gone for writers and still there for readers', async () => {
    await f.store.createMailbox({ operation: operation(), owner: 'ada', name: 'doomed', specialUse: [] }, attempt);
    const doomed = await f.store.findMailbox('ada', 'doomed', attempt);
    if (doomed === null) throw new Error('no mailbox');
    const uids = [await f.append(message(11), { mailbox: 'doomed', system: 8 })];
    await f.store.deleteMailbox({ operation: operation(), owner: 'ada', name: 'doomed' }, attempt);
    const at = { operation: operation(), mailbox: doomed.id, uids };
    const change = { mode: 'add', system: 1, keywords: [] } as const;
    expect(await f.store.storeFlags({ ...at, change, unchangedSince: null }, attempt)).toEqual({ kind: 'gone' });
    expect(await f.store.expunge({ ...at, operation: operation(), onlyDeleted: true }, attempt)).toEqual({
      kind: 'gone',
    });
    const copy = { operation: operation(), from: doomed.id, owner: 'ada', to: 'INBOX', uids, move: true };
    expect(await f.store.copy(copy, attempt)).toMatchObject({ kind: 'copied', source: [], target: [] });
    expect(await f.store.loadView(doomed.id, attempt)).toBeNull();
    expect(await f.store.loadChanges(doomed.id, 1 as ModSeq, attempt)).toBeNull();
    const read = f.store.readMessages({ mailbox: doomed.id, uids, fields: new Set(['raw'] as const) }, attempt);
    expect((await collect(read))[0]?.[0]?.raw?.toString()).toBe(message(11));
  });

  test('content that does not match its hash is never served', async () => {
    const uid = await f.append(message(12));
    const large = Buffer.concat([Buffer.from('a: b\r\n\r\n'), randomBytes(CHUNK_SIZE)]);
    const second = await f.append(large);
    const first = await f.sql<{ content: unknown; data: Buffer }>(
      `SELECT k.content, k.data FROM mail.chunk k JOIN mail.message m ON m.content = k.content
        WHERE k.number = 0 AND m.mailbox = ? AND m.uid IN (?, ?)`,
      [f.inbox, uid, second],
    );
    expect(first).toHaveLength(2);
    for (const { content, data } of first) {
      data[9] = (data[9] ?? 0) ^ 1;
      await f.sql('UPDATE mail.chunk SET data = ? WHERE content = ? AND number = 0', [data, content]);
    }
    const read = f.store.readMessages({ mailbox: f.inbox, uids: [uid], fields: new Set(['raw'] as const) }, attempt);
    await expect(collect(read)).rejects.toMatchObject({ name: 'ContentCorrupt' });
    const range = { mailbox: f.inbox, uid: second, offset: 0, length: 100 };
    await expect(collect(f.store.readRaw(range, attempt))).rejects.toMatchObject({ name: 'ContentCorrupt' });
  });

  test('a batch is bounded in octets, a message larger than asked for comes without its raw form', async () => {
    const before = await state();
    for (let i = 0; i < 12; i++) await f.append(Buffer.concat([Buffer.from('a: b\r\n\r\n'), randomBytes(200_000)]));
    const uids = Array.from({ length: 12 }, (_, i) => (before.uidNext + i) as Uid);
    const fields = new Set(['raw', 'size'] as const);
    const batches = await collect(f.store.readMessages({ mailbox: f.inbox, uids, fields }, attempt));
    expect(batches.map((batch) => batch.length)).toEqual([6, 6]);
    expect(batches.flat().map((m) => m.uid)).toEqual(uids);
    const [facts] = await collect(f.store.readMessages({ mailbox: f.inbox, uids, fields, rawUpTo: 1000 }, attempt));
    expect(facts?.map((m) => m.raw)).toEqual(uids.map(() => undefined));
  });
});
