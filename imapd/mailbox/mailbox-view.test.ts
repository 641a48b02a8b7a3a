import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SequenceSet, STAR } from '../protocol/sets/sequence-set.ts';
import { MailboxCursor } from './mailbox-cursor.ts';
import { MailboxView } from './mailbox-view.ts';
import { ModelMailbox, rowsOf } from './test-support/model-mailbox.ts';

/** What an IMAP client keeps: UIDs by message number, flags by UID; moved only by what the server tells. */
class ModelClient {
  readonly cursor: MailboxCursor;
  uids: number[];
  /** It may have been told of messages up to here, hence of none below any more. */
  toldTo: number;
  flags = new Map<number, number>();

  constructor(view: MailboxView) {
    this.cursor = new MailboxCursor(view);
    this.uids = Array.from(this.cursor.all().uids);
    this.toldTo = view.table.lastUid;
    for (const uid of this.uids) this.#fetchFlags(uid);
  }

  listen(updates: 'all' | 'noExpunge'): void {
    const news = this.cursor.take(updates);
    if (updates === 'noExpunge') expect(news.expunged).toEqual([]);
    for (const number of news.expunged) {
      expect(number).toBeLessThanOrEqual(this.uids.length);
      this.uids.splice(number - 1, 1);
    }
    const known = this.uids.length;
    for (let number = known + 1; number <= (news.exists ?? known); number++) this.uids.push(this.cursor.uidAt(number));
    this.toldTo = Math.max(this.toldTo, this.cursor.view.table.lastUid);
    for (const uid of [...news.changed, ...this.uids.slice(known)]) this.#fetchFlags(uid);
  }

  #fetchFlags(uid: number): void {
    const { table } = this.cursor.view;
    this.flags.set(uid, table.flagsAt(table.indexOf(uid)));
  }

  /** Message numbers agree whichever way they are asked for. */
  check(): void {
    expect(this.cursor.count).toBe(this.uids.length);
    expect(Array.from(this.cursor.all().uids)).toEqual(this.uids);
    const everything = SequenceSet.ofBounds([1, STAR]);
    expect(Array.from(this.cursor.select(everything, 'sequence').uids)).toEqual(this.uids);
    expect(Array.from(this.cursor.select(everything, 'uid').uids)).toEqual(this.uids);
    this.uids.forEach((uid, index) => {
      expect(this.cursor.sequenceOf(uid)).toBe(index + 1);
      expect(this.cursor.uidAt(index + 1)).toBe(uid);
    });
  }
}

type Step =
  | { readonly kind: 'append'; readonly count: number; readonly own: boolean }
  | { readonly kind: 'store'; readonly pick: number; readonly flags: number; readonly own: number | null }
  | { readonly kind: 'expunge'; readonly pick: number; readonly known: boolean }
  | { readonly kind: 'refresh' | 'select' | 'replicate' | 'failOver' }
  | { readonly kind: 'listen'; readonly client: number; readonly updates: 'all' | 'noExpunge' }
  | { readonly kind: 'leave'; readonly client: number };

const pick = fc.integer({ min: 1, max: 1023 });
const client = fc.nat(3);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      count: fc.integer({ min: 1, max: 4 }),
      own: fc.boolean(),
    }),
    weight: 3,
  },
  {
    arbitrary: fc.record({
      kind: fc.constant('store' as const),
      pick,
      flags: fc.nat(31),
      own: fc.option(client),
    }),
    weight: 4,
  },
  { arbitrary: fc.record({ kind: fc.constant('expunge' as const), pick, known: fc.boolean() }), weight: 3 },
  { arbitrary: fc.record({ kind: fc.constantFrom('refresh' as const, 'select', 'replicate') }), weight: 5 },
  { arbitrary: fc.record({ kind: fc.constant('failOver' as const) }), weight: 1 },
  {
    arbitrary: fc.record({
      kind: fc.constant('listen' as const),
      client,
      updates: fc.constantFrom('all' as const, 'noExpunge'),
    }),
    weight: 6,
  },
  { arbitrary: fc.record({ kind: fc.constant('leave' as const), client }), weight: 1 },
);

/** 1: the table is copied without its tombstones as soon as all know. */
const kept = fc.constantFrom(1, 256);

class World {
  readonly truth = new ModelMailbox();
  readonly view: MailboxView;
  clients: ModelClient[] = [];

  constructor(tombstonesKept = 256) {
    this.truth.append(5);
    this.truth.replicate();
    this.view = new MailboxView(this.truth.load(), { tombstonesKept });
    this.clients.push(new ModelClient(this.view));
  }

  refresh(): void {
    const changes = this.truth.changes(this.view.modSeq);
    this.view.apply(this.view.isForkedFrom(changes.state) ? this.truth.changes(0) : changes);
  }

  run(step: Step): void {
    const at = (n: number): ModelClient | undefined => this.clients[n % this.clients.length];
    const picked = (bits: number): number[] =>
      this.truth.messages.filter((_, i) => ((bits >> (i % 10)) & 1) === 1).map((m) => m.uid);
    if (step.kind === 'append') {
      const done = this.truth.append(step.count);
      if (step.own) this.view.applyAppended({ ...done, flags: done.uids.map(() => 0), octets: 0 });
    } else if (step.kind === 'store')
      this.#store(picked(step.pick), step.flags, step.own === null ? undefined : at(step.own));
    else if (step.kind === 'expunge') {
      const done = this.truth.expunge(picked(step.pick));
      if (step.known) this.view.applyExpunged(done.uids, done.modSeq);
    } else if (step.kind === 'refresh') this.refresh();
    else if (step.kind === 'select') {
      this.refresh();
      this.clients.push(new ModelClient(this.view));
    } else if (step.kind === 'replicate') this.truth.replicate();
    else if (step.kind === 'failOver') this.truth.failOver(1000);
    else if (step.kind === 'listen') at(step.client)?.listen(step.updates);
    else if (step.kind === 'leave' && this.clients.length > 1) {
      const [left] = this.clients.splice(step.client % this.clients.length, 1);
      left?.cursor.close();
    }
  }

  #store(uids: number[], flags: number, by: ModelClient | undefined): void {
    const stored = this.truth.store(uids, flags);
    if (by === undefined) return;
    this.view.applyStored({ ...stored, keywords: [] });
    by.cursor.acknowledge(stored.modSeq);
    for (const uid of uids) if (by.flags.has(uid)) by.flags.set(uid, flags); // the answer to its STORE
  }
}

describe('MailboxView and its cursors', () => {
  it('keep the message numbers of every client right under any interleaving', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), kept, (steps, tombstonesKept) => {
        const world = new World(tombstonesKept);
        for (const one of steps) {
          world.run(one);
          for (const each of world.clients) each.check();
        }
      }),
      { numRuns: 300 },
    );
  });

  it('bring every client to the truth once all is told', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), kept, (steps, tombstonesKept) => {
        const world = new World(tombstonesKept);
        for (const one of steps) world.run(one);
        world.refresh();
        const fresh = new ModelClient(world.view);
        const truth = world.truth.messages;
        expect(fresh.uids).toEqual(truth.map((m) => m.uid));
        for (const each of [...world.clients, fresh]) {
          const { uids: known, toldTo } = each;
          const stillThere = known.filter((uid) => truth.some((m) => m.uid === uid));
          each.listen('noExpunge');
          each.listen('all');
          each.check();
          const hidden = truth.filter((m) => !each.uids.includes(m.uid));
          // Only a message whose expunge was lost may be missing, where it was told of that or of later messages; and
          // nothing that is gone may be shown.
          expect(each.uids).toEqual(expect.arrayContaining(stillThere));
          expect(hidden.filter((m) => m.uid > toldTo)).toEqual([]);
          expect(each.uids.every((uid) => truth.some((m) => m.uid === uid))).toBe(true);
          if (!steps.some((s) => s.kind === 'failOver')) expect(hidden).toEqual([]);
          for (const uid of each.uids) expect(each.flags.get(uid)).toBe(truth.find((m) => m.uid === uid)?.flags);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('takes in what this process appended where nothing is missing before it, and nothing else', () => {
    const world = new World();
    const { view, truth } = world;
    const [client] = world.clients;
    view.applyAppended({ ...truth.append(2), flags: [1, 8], octets: 30 });
    expect(view.state).toMatchObject({ messages: 7, uidNext: 8, highestModSeq: 3, unseen: 1, deleted: 1, size: 30 });
    expect(view.learntAt(6)).toBeDefined();
    client!.listen('all');
    expect(client!.uids).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(client!.flags.get(7)).toBe(8);
    truth.store([1], 4);
    view.applyAppended({ ...truth.append(1), flags: [0], octets: 10 });
    expect(view.state).toMatchObject({ messages: 7, uidNext: 8, highestModSeq: 3 });
    world.refresh();
    client!.listen('all');
    expect(client!.uids).toHaveLength(8);
    expect(client!.flags.get(1)).toBe(4);
  });

  it('hides a message whose expunge was lost until the mailbox is selected again', () => {
    const world = new World();
    const [old] = world.clients;
    world.truth.expunge([2]);
    world.refresh();
    old!.listen('all');
    expect(old!.uids).toEqual([1, 3, 4, 5]);
    world.truth.failOver(1000);
    world.refresh();
    old!.listen('all');
    expect(old!.uids).toEqual([1, 3, 4, 5]);
    expect(new ModelClient(world.view).uids).toEqual([1, 2, 3, 4, 5]);
  });

  it.each([
    { whose: 'arrival and expunge both came between two looks', refreshes: false },
    { whose: 'expunge was seen and not told yet', refreshes: true },
  ])('shows a message whose lost $whose to a session that was told nothing after it', ({ refreshes }) => {
    const world = new World();
    const [old] = world.clients;
    world.truth.append(1);
    if (refreshes) world.refresh();
    world.truth.replicate();
    world.truth.expunge([6]);
    world.refresh();
    world.truth.failOver(1000);
    world.refresh();
    old!.listen('all');
    old!.check();
    expect(old!.uids).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('withdraws an expunge that was lost before it was told', () => {
    const world = new World();
    const [old] = world.clients;
    world.truth.expunge([2]);
    world.refresh();
    world.truth.failOver(1000);
    world.refresh();
    old!.listen('all');
    old!.check();
    expect(old!.uids).toEqual([1, 2, 3, 4, 5]);
  });

  it('lets lost messages leave, sends flags anew and never shows a UID twice after an unplanned promotion', () => {
    const world = new World();
    const [old] = world.clients;
    world.truth.append(2);
    world.truth.store([1], 4);
    world.refresh();
    old!.listen('all');
    expect(old!.uids).toEqual([1, 2, 3, 4, 5, 6, 7]);
    world.truth.failOver(1000);
    world.truth.append(1);
    world.refresh();
    old!.listen('all');
    expect(old!.uids).toEqual([1, 2, 3, 4, 5, 1006]);
    expect(old!.flags.get(1)).toBe(0);
  });

  it('shows a deleted mailbox as empty', () => {
    const world = new World();
    world.view.markDeleted();
    const [old] = world.clients;
    old!.listen('noExpunge');
    expect(old!.uids).toHaveLength(5);
    old!.listen('all');
    expect(old!.uids).toEqual([]);
  });

  it('drops tombstones that all sessions know, and only those', () => {
    const world = new World();
    world.truth.append(2000);
    world.refresh();
    const [first] = world.clients;
    first!.listen('all');
    const second = new ModelClient(world.view);
    world.truth.expunge(world.truth.messages.slice(0, 1500).map((m) => m.uid));
    world.refresh();
    first!.listen('all');
    expect(world.view.table.count).toBe(2005);
    expect(second.cursor.count).toBe(2005);
    second.listen('all');
    expect(world.view.table.count).toBe(505);
    first!.check();
    second.check();
  });
});

it('takes no mod-sequence for its own that another process gave: what it does not know of must still come', () => {
  const mailbox = new ModelMailbox();
  mailbox.append(1);
  const view = new MailboxView(mailbox.load());
  const known = view.modSeq;
  mailbox.append(1);
  // Nothing was changed: the answer tells the mailbox's own.
  view.applyExpunged([], mailbox.state.highestModSeq);
  view.applyStored({ rows: rowsOf(mailbox.messages.slice(0, 1)), keywords: [], modSeq: mailbox.state.highestModSeq });
  expect(view.modSeq).toBe(known);
  view.apply(mailbox.changes(view.modSeq));
  expect(view.table.count).toBe(2);
});
