import { afterAll, beforeAll, expect, it } from 'vitest';
import { RecordedLog } from '../session/test-support/recorded-log.ts';
import { openStore } from '../store/test-support/open-postgres-store.ts';
import { type PostgresServer, startPostgres } from '../store/test-support/postgres-server.ts';
import { attempt, operation, type StoreFixture } from '../store/test-support/store-fixture.ts';
import type { Uid } from '../store/types.ts';
import { DeferredWrites } from './deferred-writes.ts';
import { OpenViews } from './open-views.ts';

let postgres: PostgresServer;
let fixture: StoreFixture;
const stopped = new AbortController();

beforeAll(async () => {
  postgres = await startPostgres();
  fixture = await openStore(postgres);
});
afterAll(async () => {
  stopped.abort();
  await fixture?.close();
  await postgres?.stop();
});

function openViews(): { views: OpenViews; told: string[] } {
  const told: string[] = [];
  const tellPeers = (mailbox: string, modSeq: number): number => told.push(`${mailbox} ${modSeq}`);
  return { views: new OpenViews({ log: new RecordedLog(), tellPeers }), told };
}

const count = (what: string, since: number): number =>
  fixture.statements.slice(since).filter((text) => text.includes(what)).length;

const [LOADS, DELTAS] = ['WITH box AS', 'changed ORDER BY uid'];

it('loads a mailbox once for sessions that select it at the same time', async () => {
  const { views } = openViews();
  await fixture.append('Subject: a\r\n\r\na\r\n');
  const before = fixture.statements.length;
  const open = Array.from({ length: 20 }, () => views.open(fixture.store, fixture.inbox, attempt));
  const cursors = await Promise.all(open);
  expect(new Set(cursors.map((cursor) => cursor?.view)).size).toBe(1);
  expect(count(LOADS, before)).toBe(1);
  for (const cursor of cursors) if (cursor !== null) views.leave(cursor);
  expect(views.watched).toEqual([]);
  // Back soon: the view is still there, and only brought up to date.
  await fixture.append('Subject: b\r\n\r\nb\r\n');
  const again = await views.open(fixture.store, fixture.inbox, attempt);
  expect(again?.view).toBe(cursors[0]?.view);
  expect(again?.count).toBe((cursors[0]?.count ?? 0) + 1);
  expect(count(LOADS, before)).toBe(1);
});

it('holds one view of a mailbox for everybody, and one for each who has \\Seen of his own; a hint brings all up to date', async () => {
  const { views } = openViews();
  const uid = await fixture.append('Subject: s\r\n\r\ns\r\n');
  const bob = { mailbox: fixture.inbox, reader: 'bob' };
  const open = (reader: string | null) => views.openBy(fixture.store, { ...bob, reader }, attempt);
  const cursors = await Promise.all([open(null), open('bob'), open('bob'), open('eve')]);
  expect(new Set(cursors.map((cursor) => cursor?.view)).size).toBe(3);
  const seen = () => cursors.map((cursor) => cursor?.view.table.flagsAt(cursor.view.table.indexOf(uid)));
  // As another process does it.
  const change = { mode: 'add', system: 1, keywords: [] } as const;
  const outcome = await fixture.store.storeFlags(
    { operation: operation(), ...bob, uids: [uid], change, unchangedSince: null },
    attempt,
  );
  expect(seen()).toEqual([0, 0, 0, 0]);
  const before = fixture.statements.length;
  views.heard([{ mailbox: fixture.inbox, modSeq: outcome.kind === 'stored' ? outcome.modSeq : 0 }]);
  await expect.poll(seen).toEqual([0, 1, 1, 0]);
  await expect.poll(() => count(DELTAS, before)).toBe(3);
  for (const cursor of cursors) if (cursor !== null) views.leave(cursor);
  expect(views.watched).toEqual([]);
  // Nobody is told of a mailbox of his own by the view of somebody else.
  const known = { store: fixture.store, owner: 'ada', name: 'INBOX', watched: false };
  const own = views.openKnown(known);
  expect(own?.view.reader).toBe(null);
  if (own !== null) views.leave(own);
});

it('asks once for many changes, and never too early', async () => {
  const { views, told } = openViews();
  const cursor = await views.open(fixture.store, fixture.inbox, attempt);
  const known = cursor?.count ?? 0;
  for (let n = 0; n < 10; n++) await fixture.append('Subject: c\r\n\r\nc\r\n');
  const before = fixture.statements.length;
  await Promise.all(Array.from({ length: 20 }, () => views.announce(fixture.inbox, null)));
  expect(cursor?.take('all').exists).toBe(known + 10);
  // The first one, and one for all who asked while it was under way.
  expect(count(DELTAS, before)).toBe(2);
  expect(told).toHaveLength(20);
});

it('looks for news of all who ask at once by one statement, and loads only what has changed', async () => {
  const { views } = openViews();
  const named = { operation: operation(), owner: 'ada', name: 'quiet' };
  const created = await fixture.store.createMailbox({ ...named, specialUse: [] }, attempt);
  const quiet = created.kind === 'created' ? created.id : fixture.inbox;
  const cursors = [
    await views.open(fixture.store, fixture.inbox, attempt),
    await views.open(fixture.store, quiet, attempt),
  ];
  const known = cursors[0]?.count ?? 0;
  await fixture.append('Subject: news\r\n\r\nn\r\n');
  const before = fixture.statements.length;
  await Promise.all([fixture.inbox, quiet, fixture.inbox].map((mailbox) => views.refresh(mailbox)));
  expect(cursors[0]?.take('all').exists).toBe(known + 1);
  expect(count('m.id = ANY', before)).toBe(1);
  expect(count(DELTAS, before)).toBe(1);
  for (const cursor of cursors) if (cursor !== null) views.leave(cursor);
});

it('a mailbox that is gone cannot be opened', async () => {
  const { views } = openViews();
  const named = { operation: operation(), owner: 'ada', name: 'gone' };
  const created = await fixture.store.createMailbox({ ...named, specialUse: [] }, attempt);
  const id = created.kind === 'created' ? created.id : fixture.inbox;
  const cursor = await views.open(fixture.store, id, attempt);
  await fixture.store.deleteMailbox({ ...named, operation: operation() }, attempt);
  expect(await views.open(fixture.store, id, attempt)).toBe(null);
  expect(cursor?.view.deleted).toBe(true);
  if (cursor !== null) views.leave(cursor);
  expect(await views.open(fixture.store, id, attempt)).toBe(null);
});

it('gathers what is deferred into one write a mailbox', async () => {
  const { views } = openViews();
  const uids: Uid[] = [];
  for (let n = 0; n < 6; n++) uids.push(await fixture.append('Subject: d\r\n\r\nd\r\n'));
  const before = fixture.statements.length;
  const deferred = new DeferredWrites({
    log: new RecordedLog(),
    newOperation: operation,
    announce: (id, modSeq) => views.announce(id, modSeq),
    signal: stopped.signal,
  });
  for (const uid of uids) deferred.markSeen(fixture.store, { mailbox: fixture.inbox }, [uid, uid]);
  expect(deferred.waiting).toBe(6);
  await expect.poll(() => deferred.waiting, { timeout: 10_000 }).toBe(0);
  const { rows } = (await fixture.store.loadView(fixture.inbox, attempt)) ?? { rows: null };
  const seen = Array.from(rows?.uids ?? []).filter((_, index) => ((rows?.flags[index] ?? 0) & 1) === 1);
  expect(seen).toEqual(uids);
  // The first one alone, the rest together while it was under way.
  expect(count('INSERT INTO mail.operation', before)).toBe(2);
});
