import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { defaultLimits, defaultRetention } from '../collect/collect.ts';
import type { CopyMessages, StoreFlags } from '../store.ts';
import { startStoreServer } from '../test-support/start-store-server.ts';
import { attempt, inPieces, operation, type StoreFixture } from '../test-support/store-fixture.ts';
import type { TestStoreServer } from '../test-support/test-store-server.ts';
import { type MailboxId, type MessageRows, type ModSeq, systemFlags, type Uid } from '../types.ts';

// Promise: a reader with \Seen of his own sees and changes his alone; all other flags are everybody's; every change of his has a
// mod-sequence by which he is told of it; and nothing of it is left where a message, a mailbox or the reader is gone.

const { '\\Seen': SEEN, '\\Flagged': FLAGGED } = systemFlags;

describe.each(enginesUnderTest)('%s', (engine) => {
  let server: TestStoreServer;
  let f: StoreFixture;
  let uids: Uid[];
  beforeAll(async () => {
    server = await startStoreServer(engine);
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    f = await server.openStore();
    uids = [];
    // The first one ada has seen.
    for (const n of [1, 2, 3, 4]) uids.push(await f.append(`n: ${n}\r\n\r\n`, { system: n === 1 ? SEEN : 0 }));
    return async () => {
      expect(await f.verify()).toEqual([]);
      await f.close();
    };
  });

  const at = (...places: readonly number[]): Uid[] => places.map((place) => uids[place] as Uid);
  const store = (reader: string | null, changed: readonly Uid[], request: Partial<StoreFlags> = {}) =>
    f.store.storeFlags(
      {
        ...{ operation: operation(), mailbox: f.inbox, uids: changed, unchangedSince: null },
        change: { mode: 'add', system: SEEN, keywords: [] },
        ...(reader === null ? {} : { reader }),
        ...request,
      },
      attempt,
    );
  type Told = Record<number, readonly [flags: number, modSeq: number]>;
  const told = ({ count, uids: all, flags, modSeqs }: MessageRows): Told =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [all[i], [flags[i] ?? 0, modSeqs[i] ?? 0]]));

  async function view(reader: string | null, mailbox: MailboxId = f.inbox) {
    const loaded = await (reader === null
      ? f.store.loadView(mailbox, attempt)
      : f.store.loadViewBy({ mailbox, reader }, attempt));
    return loaded ?? expect.fail('no mailbox');
  }
  const flagsOf = async (reader: string | null, mailbox: MailboxId = f.inbox): Promise<number[]> => {
    const { rows } = await view(reader, mailbox);
    return Array.from(rows.flags.subarray(0, rows.count));
  };
  const stored = (outcome: Awaited<ReturnType<typeof store>>) =>
    outcome.kind === 'stored' ? outcome : expect.fail(outcome.kind);

  test("each has his own, and the mailbox counts its owner's", async () => {
    stored(await store('bob', at(0, 2)));
    stored(await store('eve', at(3)));
    expect(await flagsOf('bob')).toEqual([SEEN, 0, SEEN, 0]);
    expect(await flagsOf('eve')).toEqual([0, 0, 0, SEEN]);
    expect(await flagsOf(null)).toEqual([SEEN, 0, 0, 0]);
    expect((await view('bob')).state.unseen).toBe(3);
    const count = async (reader: string) =>
      (await f.store.countUnseen({ mailboxes: [f.inbox], reader }, attempt)).get(f.inbox);
    expect(await Promise.all(['bob', 'eve', 'zoe'].map(count))).toEqual([2, 3, 4]);
    stored(await store('bob', at(0), { change: { mode: 'remove', system: SEEN, keywords: [] } }));
    expect(await flagsOf('bob')).toEqual([0, 0, SEEN, 0]);
    expect(await count('bob')).toBe(3);
  });

  test("other flags are everybody's, and one STORE of both has one mod-sequence", async () => {
    const change = { mode: 'add', system: SEEN | FLAGGED, keywords: ['$Work'] } as const;
    const outcome = stored(await store('bob', at(1, 2), { change }));
    expect(outcome.keywords).toEqual(['$Work']);
    const changed = [SEEN | FLAGGED, outcome.modSeq];
    expect(told(outcome.rows)).toEqual({ [uids[1] as Uid]: changed, [uids[2] as Uid]: changed });
    expect((await view(null)).state.highestModSeq).toBe(outcome.modSeq);
    expect(await flagsOf(null)).toEqual([SEEN, FLAGGED, FLAGGED, 0]);
    // FLAGS () takes away his \Seen and everybody's flags.
    const cleared = { mode: 'replace', system: 0, keywords: [] } as const;
    stored(await store('bob', at(0, 1), { change: cleared }));
    expect(await flagsOf('bob')).toEqual([0, 0, SEEN | FLAGGED, 0]);
    expect(await flagsOf(null)).toEqual([SEEN, 0, FLAGGED, 0]);
  });

  test('what changes nothing keeps its mod-sequence, and the mailbox its own', async () => {
    const { modSeq } = stored(await store('bob', at(1)));
    const again = stored(await store('bob', at(1)));
    expect([again.modSeq, told(again.rows)]).toEqual([modSeq, { [uids[1] as Uid]: [SEEN, modSeq] }]);
    expect((await view('bob')).state.highestModSeq).toBe(modSeq);
  });

  test('the same operation twice is done once', async () => {
    const id = operation();
    const first = stored(await store('bob', at(1), { operation: id }));
    stored(await store('bob', at(1), { change: { mode: 'remove', system: SEEN, keywords: [] } }));
    const again = stored(await store('bob', at(1), { operation: id }));
    expect(again.modSeq).toBe(first.modSeq);
    expect(await flagsOf('bob')).toEqual([0, 0, 0, 0]);
  });

  test('UNCHANGEDSINCE goes by what the reader is told, not by what others have seen', async () => {
    const since = (await view('bob')).state.highestModSeq;
    stored(await store('eve', at(0, 1, 2)));
    stored(await store('bob', at(1)));
    const outcome = stored(await store('bob', at(0, 1, 2), { unchangedSince: since }));
    expect(outcome.modified).toEqual(at(1));
    expect(await flagsOf('bob')).toEqual([SEEN, SEEN, SEEN, 0]);
    stored(await store(null, at(2), { change: { mode: 'add', system: FLAGGED, keywords: [] } }));
    const later = stored(await store('bob', at(2, 3), { unchangedSince: outcome.modSeq }));
    expect(later.modified).toEqual(at(2));
  });

  test('a delta tells what he has marked and what changed for all, each as he sees it', async () => {
    const changes = async (reader: string, since: ModSeq) =>
      (await f.store.loadChangesBy({ mailbox: f.inbox, reader, since }, attempt)) ?? expect.fail('no mailbox');
    stored(await store('bob', at(0, 1)));
    const since = (await view('bob')).state.highestModSeq;
    stored(await store('bob', at(3)));
    stored(await store(null, at(1), { change: { mode: 'add', system: FLAGGED, keywords: [] } }));
    const arrived = await f.append('n: 5\r\n\r\n', { system: SEEN });
    const delta = await changes('bob', since);
    expect(delta.whole).toBe(false);
    const all = told((await view('bob')).rows);
    expect(told(delta.rows)).toEqual(
      Object.fromEntries([uids[1], uids[3], arrived].map((uid) => [uid, all[uid as Uid]])),
    );
    expect([all[arrived], all[uids[1] as Uid], all[uids[3] as Uid]].map((each) => each?.[0])).toEqual([
      0,
      SEEN | FLAGGED,
      SEEN,
    ]);
    // Others have nothing of it but that there was something.
    const eves = await changes('eve', since);
    expect(Object.keys(told(eves.rows)).map(Number)).toEqual([uids[1], arrived]);
    expect(eves.state.highestModSeq).toBe(delta.state.highestModSeq);
    const whole = await changes('bob', 0 as ModSeq);
    expect([whole.whole, told(whole.rows)]).toEqual([true, all]);
  });

  test('of many messages at once it is the same', async () => {
    await f.sql(`DELETE FROM mail.message WHERE uid > 1`);
    const digits = `(SELECT 0 AS n ${[1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `UNION ALL SELECT ${n}`).join(' ')})`;
    await f.sql(`INSERT INTO mail.message (mailbox, content, operation, uid, modseq, keywords, size, internal_date, flags)
      SELECT m.mailbox, m.content, m.operation, 2 + a.n + 10 * b.n + 100 * c.n + 1000 * d.n, m.modseq, 0, m.size, m.internal_date, 0
      FROM mail.message m, ${digits} a, ${digits} b, ${digits} c, ${digits} d WHERE m.uid = 1`);
    const counters = 'messages = 10001, unseen = 10000, uid_next = 10002, size = 10001 * size / 4';
    await f.sql(`UPDATE mail.mailbox SET ${counters} WHERE name = 'INBOX'`);
    await f.sql(
      "UPDATE mail.usage SET messages = 10001, storage = (SELECT sum(size) FROM mail.mailbox) WHERE owner = 'ada'",
    );
    const all = Array.from({ length: 10_001 }, (_, i) => (i + 1) as Uid);
    const odd = all.filter((uid) => uid % 2 === 1);
    const began = performance.now();
    stored(await store('bob', odd));
    expect(stored(await store('bob', all)).rows.count).toBe(10_001);
    expect(performance.now() - began).toBeLessThan(60_000);
    stored(await store('bob', odd, { change: { mode: 'remove', system: SEEN, keywords: [] } }));
    expect((await flagsOf('bob')).map((flags, i) => flags === SEEN || i % 2 === 0)).not.toContain(false);
    expect((await f.store.countUnseen({ mailboxes: [f.inbox], reader: 'bob' }, attempt)).get(f.inbox)).toBe(odd.length);
  });

  async function made(name: string): Promise<MailboxId> {
    const outcome = await f.store.createMailbox(
      { operation: operation(), owner: 'ada', name, specialUse: [] },
      attempt,
    );
    return outcome.kind === 'created' ? outcome.id : expect.fail(outcome.kind);
  }

  // Who copies sees the copies as he saw the originals: bob has seen the second and the third, ada the first.
  test.each([
    ["of others to one's own", { from: 'bob', to: null }, { everybodys: [0, SEEN, SEEN], bobs: [0, 0, 0] }],
    ['of others to others', { from: 'bob', to: 'bob' }, { everybodys: [0, 0, 0], bobs: [0, SEEN, SEEN] }],
    ["of one's own to others", { from: null, to: 'bob' }, { everybodys: [0, 0, 0], bobs: [SEEN, 0, 0] }],
  ])('copies, and moves, %s', async (_, readers, seen) => {
    const to = await made('to');
    stored(await store('bob', at(1, 2)));
    const request = { from: f.inbox, owner: 'ada', to: 'to', uids: at(0, 1, 2), readers };
    for (const move of [false, true]) {
      const outcome = await f.store.copy({ ...request, operation: operation(), move }, attempt);
      expect(outcome).toMatchObject({ kind: 'copied', source: at(0, 1, 2) });
    }
    expect(await flagsOf(null, to)).toEqual([...seen.everybodys, ...seen.everybodys]);
    expect(await flagsOf('bob', to)).toEqual([...seen.bobs, ...seen.bobs]);
    expect(await flagsOf('bob')).toEqual([0]);
  });

  test('copies have no \\Seen where there is no right to set it, nor what others have seen', async () => {
    const to = await made('to');
    stored(await store('bob', at(1)));
    stored(await store('eve', at(2)));
    const copy = (more: Partial<CopyMessages>) =>
      f.store.copy(
        { operation: operation(), from: f.inbox, owner: 'ada', to: 'to', uids: at(1, 2), move: false, ...more },
        attempt,
      );
    await copy({ readers: { from: 'bob', to: 'bob' }, keep: { system: FLAGGED, keywords: true } });
    await copy({ readers: { from: 'bob', to: null }, keep: { system: FLAGGED, keywords: true } });
    await copy({ readers: { from: 'bob', to: 'bob' } });
    expect(await flagsOf('bob', to)).toEqual([0, 0, 0, 0, SEEN, 0]);
    expect(await flagsOf('eve', to)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(await flagsOf(null, to)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  async function newMessage(system: number) {
    const id = operation();
    const staged = await f.store.stage(inPieces(Buffer.from('n: new\r\n\r\n')), { operation: id, ordinal: 0 }, attempt);
    return { id, message: { staged, flags: { system, keywords: [] }, internalDate: new Date('2026-11-01T12:00:00Z') } };
  }

  test('what he appends, or puts in place of another, is seen by him alone', async () => {
    for (const system of [SEEN | FLAGGED, FLAGGED]) {
      const { id, message } = await newMessage(system);
      const request = { operation: id, id: f.inbox, messages: [message], reader: 'bob' };
      const outcome = await f.store.append(request, attempt);
      expect(outcome).toMatchObject({ kind: 'appended' });
      expect(await f.store.append(request, attempt)).toEqual(outcome);
    }
    expect(await flagsOf('bob')).toEqual([0, 0, 0, 0, SEEN | FLAGGED, FLAGGED]);
    expect(await flagsOf(null)).toEqual([SEEN, 0, 0, 0, FLAGGED, FLAGGED]);
    const { id, message } = await newMessage(SEEN);
    const outcome = await f.store.replace(
      { operation: id, from: f.inbox, uid: uids[0] as Uid, owner: 'ada', mailbox: 'INBOX', message, reader: 'bob' },
      attempt,
    );
    expect(outcome).toMatchObject({ kind: 'replaced' });
    expect(await flagsOf('bob')).toEqual([0, 0, 0, SEEN | FLAGGED, FLAGGED, SEEN]);
    expect(await flagsOf(null)).toEqual([0, 0, 0, FLAGGED, FLAGGED, 0]);
  });

  const marks = async (): Promise<number> =>
    Number((await f.sql<{ n: unknown }>('SELECT count(*) AS n FROM mail.seen'))[0]?.n);
  const collect = () =>
    f.collect({ ...defaultLimits, batch: 2, retention: { ...defaultRetention, content: 0, tombstones: 0 } });

  test('what is expunged counts no more at once, and leaves nothing once its tombstone goes', async () => {
    stored(await store('bob', at(0, 1)));
    stored(await store('eve', at(1)));
    await f.store.expunge({ operation: operation(), mailbox: f.inbox, uids: at(1), onlyDeleted: false }, attempt);
    const unseen = await f.store.countUnseen({ mailboxes: [f.inbox], reader: 'bob' }, attempt);
    expect(unseen.get(f.inbox)).toBe(2);
    expect(await flagsOf('bob')).toEqual([SEEN, 0, 0]);
    await collect();
    expect(await marks()).toBe(1);
  });

  test('a mailbox keeps it by another name, and leaves nothing of it when it is removed', async () => {
    const box = await made('box');
    const copied = { operation: operation(), from: f.inbox, owner: 'ada', to: 'box', uids, move: false };
    await f.store.copy(copied, attempt);
    for (const reader of ['bob', 'eve']) stored(await store(reader, at(0, 1, 2), { mailbox: box }));
    await f.store.renameMailbox({ operation: operation(), owner: 'ada', name: 'box', to: 'other' }, attempt);
    expect(await flagsOf('bob', box)).toEqual([SEEN, SEEN, SEEN, 0]);
    await f.store.deleteMailbox({ operation: operation(), owner: 'ada', name: 'other' }, attempt);
    expect((await store('bob', at(3), { mailbox: box })).kind).toBe('gone');
    expect(await f.store.loadViewBy({ mailbox: box, reader: 'bob' }, attempt)).toBe(null);
    expect(await f.verify()).toEqual([]);
    await collect();
    expect(await marks()).toBe(0);
  });

  test('who is removed leaves nothing to the next of his name', async () => {
    for (const reader of ['bob', 'eve']) stored(await store(reader, at(0, 1)));
    await f.store.forgetUser({ operation: operation(), name: 'bob' }, attempt);
    expect(await flagsOf('bob')).toEqual([0, 0, 0, 0]);
    expect(await flagsOf('eve')).toEqual([SEEN, SEEN, 0, 0]);
  });

  test('after an unplanned promotion his first mark makes the jump real', async () => {
    const before = (await view('bob')).state;
    const later = await f.atEpoch(2, { uidGap: 1000 });
    const request = { operation: operation(), mailbox: f.inbox, reader: 'bob', uids: at(1), unchangedSince: null };
    const outcome = await later.storeFlags(
      { ...request, change: { mode: 'add', system: SEEN, keywords: [] } },
      attempt,
    );
    expect(stored(outcome).modSeq).toBe(before.highestModSeq + 1000 + 1);
    const loaded = (await later.loadViewBy({ mailbox: f.inbox, reader: 'bob' }, attempt)) ?? expect.fail('no mailbox');
    expect(loaded.state.highestModSeq).toBe(stored(outcome).modSeq);
  });

  test('nobody else pays for it: no statement of it is sent where nobody has \\Seen of his own', async () => {
    const from = f.statements.length;
    stored(await store(null, at(1)));
    await view(null);
    await f.store.loadChanges(f.inbox, 1 as ModSeq, attempt);
    await f.append('n: 6\r\n\r\n', { system: SEEN });
    await f.store.copy({ operation: operation(), from: f.inbox, owner: 'ada', to: 'Sent', uids, move: false }, attempt);
    await f.store.expunge({ operation: operation(), mailbox: f.inbox, uids: at(0), onlyDeleted: false }, attempt);
    expect(f.statements.slice(from).filter((text) => /\bseen\b/.test(text))).toEqual([]);
  });
});
