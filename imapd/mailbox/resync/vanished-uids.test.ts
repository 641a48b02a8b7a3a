import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { QuickResync, SequenceMatch } from '../../protocol/quick-resync.ts';
import { IdSet } from '../../protocol/sets/id-set.ts';
import { SequenceSet } from '../../protocol/sets/sequence-set.ts';
import type { ModSeq } from '../../store/types.ts';
import { MailboxCursor } from '../mailbox-cursor.ts';
import { MailboxView } from '../mailbox-view.ts';
import { ModelMailbox } from '../test-support/model-mailbox.ts';
import { changedMessages } from './changed-messages.ts';
import { type Known, knownBy, missedSince } from './known.ts';
import { vanishedUids } from './vanished-uids.ts';

/** A mailbox as this process and as the database have it. */
class World {
  readonly truth = new ModelMailbox();
  readonly view: MailboxView;
  /** A primary is lost at some time. */
  lossy = false;

  constructor() {
    this.truth.append(5);
    this.truth.replicate();
    this.view = new MailboxView(this.truth.load(), { tombstonesKept: 4 });
  }

  refresh(): void {
    const changes = this.truth.changes(this.view.modSeq);
    this.view.apply(this.view.isForkedFrom(changes.state) ? this.truth.changes(0) : changes);
  }
}

/** A client with a cache that it keeps while it is away: flags by UID, and HIGHESTMODSEQ as RFC 7162, 6 makes it. */
class CachingClient {
  readonly #world: World;
  readonly flags = new Map<number, number>();
  #modSeq = 0;
  #cursor: MailboxCursor | null = null;

  constructor(world: World) {
    this.#world = world;
  }

  get connected(): boolean {
    return this.#cursor !== null;
  }

  /** `meanwhile`: what happens between the look at the view and that at the tombstones. */
  connect(ask: { readonly only: number; readonly match: number }, meanwhile: () => void): void {
    const { truth, view } = this.#world;
    this.#world.refresh();
    const cursor = new MailboxCursor(view);
    const told = view.modSeq;
    const known = this.#known(ask);
    const since = missedSince(view.state, known);
    const expunges = truth.expunges(since);
    meanwhile();
    this.#sync(cursor, known, vanishedUids(cursor, known, expunges));
    this.#modSeq = told;
    this.#cursor = cursor;
  }

  disconnect(): void {
    this.#cursor?.close();
    this.#cursor = null;
  }

  listen(updates: 'all' | 'noExpunge'): void {
    const cursor = this.#cursor;
    if (cursor === null) return;
    const before = cursor.count;
    const news = cursor.take(updates);
    const gone = news.vanished.length;
    for (const uid of news.vanished) expect(this.flags.delete(uid)).toBe(true);
    const count = cursor.count - (before - gone);
    const arrived = Array.from({ length: count }, (_, at) => cursor.uidAt(before - gone + 1 + at));
    for (const uid of [...arrived, ...news.changed]) this.#fetch(uid);
    const { table } = this.#world.view;
    const told = [...arrived, ...news.changed].map((uid) => table.modSeqAt(table.indexOf(uid)));
    const seen = Math.max(this.#modSeq, ...told);
    this.#modSeq = news.remember ?? seen;
  }

  #known({ only, match }: { readonly only: number; readonly match: number }): Known {
    const uids = [...this.flags.keys()].sort((a, b) => a - b);
    const named = uids.filter((_, at) => ((only >> (at % 10)) & 1) === 1);
    const sample = uids.map((uid, at) => [at + 1, uid] as const).filter((_, at) => ((match >> (at % 10)) & 1) === 1);
    const pairs: SequenceMatch = {
      numbers: IdSet.of(sample.map(([number]) => number)),
      uids: IdSet.of(sample.map(([, uid]) => uid)),
    };
    const set = only === 0 || named.length === 0 ? null : SequenceSet.ofBounds(named.flatMap((uid) => [uid, uid]));
    const asked = { modSeq: this.#modSeq, uids: set, match: sample.length === 0 ? null : pairs };
    return knownBy(asked satisfies Omit<QuickResync, 'uidValidity'>);
  }

  /** Takes in what the server tells, and must then know what the session sees. */
  #sync(cursor: MailboxCursor, known: Known, vanished: IdSet): void {
    const seen = cursor.select(known.uids, 'uid');
    for (const uid of cursor.all().uids) expect(vanished.has(uid)).toBe(false);
    for (const uid of cursor.untold) expect(vanished.has(uid)).toBe(false);
    for (const uid of [...this.flags.keys()]) if (vanished.has(uid)) this.flags.delete(uid);
    const { view } = this.#world;
    for (const uid of changedMessages(cursor, seen, missedSince(view.state, known)).uids) this.#fetch(uid);
    const asked = known.uids.resolve(view.state.uidNext - 1);
    const { table } = view;
    const wanted = Array.from(seen.uids, (uid) => [uid, table.flagsAt(table.indexOf(uid))]);
    const have = [...this.flags].filter(([uid]) => asked.has(uid)).sort((a, b) => a[0] - b[0]);
    expect(have).toEqual(wanted);
    // What it did not ask about it has to look at.
    for (const uid of [...this.flags.keys()]) if (!asked.has(uid)) this.flags.delete(uid);
    for (const uid of cursor.all().uids) this.#fetch(uid);
  }

  #fetch(uid: number): void {
    const { table } = this.#world.view;
    this.flags.set(uid, table.flagsAt(table.indexOf(uid)));
  }
}

type Step =
  | { readonly kind: 'append'; readonly count: number }
  | { readonly kind: 'store' | 'expunge'; readonly pick: number; readonly flags: number; readonly here: boolean }
  | { readonly kind: 'refresh' | 'replicate' | 'failOver' | 'forget' | 'leave' }
  | { readonly kind: 'listen'; readonly updates: 'all' | 'noExpunge' }
  | { readonly kind: 'connect'; readonly only: number; readonly match: number; readonly meanwhile: readonly Step[] };

const bits = fc.integer({ min: 0, max: 1023 });
const change: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 3 }) }), weight: 3 },
  {
    arbitrary: fc.record({
      kind: fc.constantFrom('store' as const, 'expunge'),
      pick: bits,
      flags: fc.nat(31),
      here: fc.boolean(),
    }),
    weight: 6,
  },
  { arbitrary: fc.record({ kind: fc.constantFrom('refresh' as const, 'refresh', 'replicate', 'forget') }), weight: 4 },
  { arbitrary: fc.record({ kind: fc.constant('failOver' as const) }), weight: 1 },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: change, weight: 6 },
  {
    arbitrary: fc.record({
      kind: fc.constant('listen' as const),
      updates: fc.constantFrom('all' as const, 'noExpunge'),
    }),
    weight: 3,
  },
  { arbitrary: fc.record({ kind: fc.constant('leave' as const) }), weight: 2 },
  {
    arbitrary: fc.record({
      kind: fc.constant('connect' as const),
      only: fc.oneof(fc.constant(0), bits),
      match: bits,
      meanwhile: fc.array(change, { maxLength: 3 }),
    }),
    weight: 3,
  },
);

function run(world: World, client: CachingClient, one: Step): void {
  const { truth, view } = world;
  const picked = (pick: number): number[] =>
    truth.messages.filter((_, at) => ((pick >> (at % 10)) & 1) === 1).map((message) => message.uid);
  switch (one.kind) {
    case 'append':
      truth.append(one.count);
      return;
    case 'store': {
      const stored = truth.store(picked(one.pick), one.flags);
      if (one.here) announced(world, stored.modSeq, () => view.applyStored({ ...stored, keywords: [] }));
      return;
    }
    case 'expunge': {
      const done = truth.expunge(picked(one.pick));
      if (one.here) announced(world, done.modSeq, () => view.applyExpunged(done.uids, done.modSeq));
      return;
    }
    case 'refresh':
      world.refresh();
      return;
    case 'replicate':
      truth.replicate();
      return;
    case 'forget':
      truth.forgetExpunges();
      return;
    case 'failOver':
      truth.failOver(1000);
      return;
    case 'listen':
      client.listen(one.updates);
      return;
    case 'leave':
      // Who leaves while expunges are withheld, and whose primary is lost at that moment, too, may know of flags what its
      // mod-sequence does not show.
      if (world.lossy) client.listen('all');
      client.disconnect();
      return;
    case 'connect':
      if (!client.connected)
        client.connect(one, () => {
          for (const next of one.meanwhile) run(world, client, next);
        });
  }
}

const loses = (one: Step): boolean => one.kind === 'failOver' || (one.kind === 'connect' && one.meanwhile.some(loses));

/** What this process changes is in its view, with all before it, when the command ends. */
function announced(world: World, modSeq: number, apply: () => void): void {
  apply();
  if (world.view.modSeq < modSeq) world.refresh();
}

const known = (ask: Partial<Known>): Known => ({ ...knownBy({ modSeq: 1, uids: null, match: null }), ...ask });

describe('quick resynchronisation', () => {
  it('gives a client that was away what the session sees, whatever happened and whatever it asks about', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        const world = new World();
        const client = new CachingClient(world);
        world.lossy = steps.some(loses);
        for (const one of steps) run(world, client, one);
        run(world, client, { kind: 'leave' });
        client.connect({ only: 0, match: 0 }, () => undefined);
        expect([...client.flags].sort((a, b) => a[0] - b[0])).toEqual(
          world.truth.messages.map((message) => [message.uid, message.flags]),
        );
      }),
      { numRuns: 600 },
    );
  });

  /** Only UIDs that are multiples of three exist, as in the examples of RFC 7162, 3.2.5.2. */
  function thirds(): { world: World; cursor: MailboxCursor; before: ModSeq } {
    const world = new World();
    world.truth.append(25);
    const before = world.truth.state.highestModSeq;
    world.truth.expunge(world.truth.messages.map(({ uid }) => uid).filter((uid) => uid % 3 !== 0));
    world.refresh();
    return { world, cursor: new MailboxCursor(world.view), before };
  }

  it.each([
    { numbers: [4], uids: [12], vanished: '13:14,16:17,19:20,22:23,25:26,28:29' },
    { numbers: [4, 8], uids: [12, 25], vanished: '13:14,16:17,19:20,22:23,25:26,28:29' },
    { numbers: [2, 5, 10], uids: [6, 15, 30], vanished: '' },
    { numbers: [3], uids: [10], vanished: '1:2,4:5,7:8,10:11,13:14,16:17,19:20,22:23,25:26,28:29' },
  ])('nothing is told up to a message whose number is right: $numbers are $uids', ({ numbers, uids, vanished }) => {
    const { world, cursor, before } = thirds();
    const match = { numbers: IdSet.of(numbers), uids: IdSet.of(uids) };
    expect(`${vanishedUids(cursor, known({ modSeq: before, match }), null)}`).toBe(vanished);
    expect(`${vanishedUids(cursor, known({ modSeq: before, match }), world.truth.expunges(before))}`).toBe(vanished);
  });

  it('tells by tombstones what was expunged since, and only of what is asked about', () => {
    const { world, cursor, before } = thirds();
    const uids = SequenceSet.ofBounds([9, 14, 29, 500]);
    const told = vanishedUids(cursor, known({ modSeq: before, uids }), world.truth.expunges(before));
    expect(`${told}`).toBe('10:11,13:14,29');
    const since = world.truth.state.highestModSeq;
    expect(`${vanishedUids(cursor, known({ modSeq: since }), world.truth.expunges(since))}`).toBe('');
  });

  it('tells all that does not exist, where tombstones do not reach back', () => {
    const { world, cursor, before } = thirds();
    world.truth.forgetExpunges();
    expect(world.truth.expunges(before)).toBeNull();
    const uids = SequenceSet.ofBounds([3, 12, 28, 500]);
    expect(`${vanishedUids(cursor, known({ modSeq: before, uids }), null)}`).toBe('4:5,7:8,10:11,28:29');
  });

  it('tells of UIDs that only a lost primary gave to who saw them', () => {
    const world = new World();
    const before = world.truth.state.highestModSeq;
    world.truth.replicate();
    world.truth.append(2);
    const lost = world.truth.state.highestModSeq;
    world.truth.failOver(50);
    world.truth.append(1);
    world.refresh();
    const cursor = new MailboxCursor(world.view);
    expect(Array.from(cursor.all().uids)).toEqual([1, 2, 3, 4, 5, 56]);
    const told = (modSeq: ModSeq): string => {
      const since = missedSince(world.view.state, known({ modSeq }));
      return `${vanishedUids(cursor, known({ modSeq }), world.truth.expunges(since))}`;
    };
    expect([before, lost, world.truth.state.highestModSeq].map(told)).toEqual(['', '6:55', '']);
  });

  it('trusts no mod-sequence that nobody has given yet', () => {
    const { cursor } = thirds();
    const future = known({ modSeq: 1_000_000 as ModSeq });
    expect(missedSince(cursor.view.state, future)).toBe(0);
    expect(`${vanishedUids(cursor, future, null)}`).toBe('1:2,4:5,7:8,10:11,13:14,16:17,19:20,22:23,25:26,28:29');
  });
});

describe('HIGHESTMODSEQ for a client that remembers it', () => {
  it('stays below an expunge that is withheld, and rises once it is told', () => {
    const world = new World();
    const cursor = new MailboxCursor(world.view);
    const before = world.view.modSeq;
    const { modSeq: expunged } = world.truth.expunge([2]);
    world.truth.store([4], 1);
    world.refresh();
    const withheld = cursor.take('noExpunge');
    expect(withheld).toMatchObject({ expunged: [], vanished: [], changed: [4], remember: before });
    expect(before).toBeLessThan(expunged);
    const now = world.truth.state.highestModSeq;
    expect(cursor.take('all')).toMatchObject({ expunged: [2], vanished: [2], remember: now });
    world.truth.store([4], 2);
    world.refresh();
    expect(cursor.take('noExpunge')).toMatchObject({ changed: [4], remember: null });
  });

  it('stays below a change of others that an own change has overtaken', () => {
    const world = new World();
    const cursor = new MailboxCursor(world.view);
    const before = world.view.modSeq;
    world.truth.store([1], 4);
    world.view.applyStored({ ...world.truth.store([3], 8), keywords: [] });
    expect(cursor.take('all')).toMatchObject({ changed: [3], remember: before });
    world.refresh();
    expect(cursor.take('all')).toMatchObject({ changed: [1], remember: null });
    expect(cursor.toldTo).toBe(world.truth.state.highestModSeq);
  });

  it('stays below a change of flags that the client wants to hear nothing of', () => {
    const world = new World();
    const cursor = new MailboxCursor(world.view);
    const before = world.view.modSeq;
    world.truth.store([1], 4);
    world.truth.append(1);
    world.refresh();
    expect(cursor.take('all', false)).toMatchObject({ changed: [1], remember: before });
    world.truth.expunge([2]);
    world.refresh();
    expect(cursor.take('all', true)).toMatchObject({ vanished: [2], remember: before });
    expect([cursor.toldTo, cursor.highestModSeq]).toEqual([before, before]);
    expect(new MailboxCursor(world.view).highestModSeq).toBe(world.view.modSeq);
  });

  it('stays among those that were lost, while a message is hidden that has come back', () => {
    const world = new World();
    const cursor = new MailboxCursor(world.view);
    world.truth.replicate();
    world.truth.expunge([2]);
    world.refresh();
    expect(cursor.take('all').vanished).toEqual([2]);
    world.truth.failOver(50);
    world.truth.store([4], 1);
    world.refresh();
    const { remember } = cursor.take('all');
    expect(cursor.sequenceOf(2)).toBe(0);
    expect(missedSince(world.view.state, known({ modSeq: remember ?? world.view.modSeq }))).toBe(0);
    expect(cursor.highestModSeq).toBe(remember);
    expect(new MailboxCursor(world.view).highestModSeq).toBe(world.view.modSeq);
  });
});
