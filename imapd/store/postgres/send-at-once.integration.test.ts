import type { PoolClient } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { lockEpoch } from '#database/postgres/repository-epoch.ts';
import { openStore, type PostgresStoreFixture } from '../test-support/open-postgres-store.ts';
import { type PostgresServer, startPostgres } from '../test-support/postgres-server.ts';
import { attempt, operation } from '../test-support/store-fixture.ts';
import type { Uid } from '../types.ts';
import { rows } from './connection.ts';
import { type NamedStatement, sendAtOnce } from './send-at-once.ts';

// Promise: statements that are sent at once have all happened, or none has; the connection is as good as new after both.

let server: PostgresServer;
let f: PostgresStoreFixture;
let connection: PoolClient;
beforeAll(async () => {
  server = await startPostgres();
  f = await openStore(server);
});
beforeEach(async () => {
  connection = await f.pool.connect();
  return () => connection.release();
});
afterAll(async () => {
  await f?.close();
  await server?.stop();
});

const subscribe = (name: string): NamedStatement => ({
  name: 'test-subscribe',
  text: 'INSERT INTO mail.subscription (owner, name) VALUES ($1, $2)',
  values: ['ada', name],
});
const divide = (by: number): NamedStatement => ({ name: 'test-divide', text: 'SELECT 6 / $1::int AS n', values: [by] });
const count: NamedStatement = { name: 'test-count', text: 'SELECT count(*)::int AS n FROM mail.subscription' };
const subscribed = async (): Promise<number> => (await f.sql<{ n: number }>(count.text))[0]?.n ?? -1;

test('each gives its rows, sees what those before it did, and all are committed in the end', async () => {
  const before = await subscribed();
  const answers = await sendAtOnce(connection, [count, subscribe('one'), divide(2), subscribe('two'), count]);
  expect(answers).toEqual([[{ n: before }], [], [{ n: 3 }], [], [{ n: before + 2 }]]);
  expect(await subscribed()).toBe(before + 2);
});

test.each([
  ['on a new connection', []],
  ['where all are prepared', [divide(1), subscribe('prepared'), count]],
])('where one fails none has happened, and the same names serve afterwards: %s', async (_, first) => {
  const fresh = await f.pool.connect();
  if (first.length > 0) await sendAtOnce(fresh, first);
  const before = await subscribed();
  await expect(sendAtOnce(fresh, [subscribe('lost'), divide(0), count, subscribe('lost too')])).rejects.toMatchObject({
    code: '22012',
    severity: 'ERROR',
  });
  expect(await subscribed()).toBe(before);
  expect(await sendAtOnce(fresh, [divide(3), count])).toEqual([[{ n: 2 }], [{ n: before }]]);
  expect(await rows(fresh, count)).toEqual([{ n: before }]);
  fresh.release(true);
});

test('a connection that ends leaves nothing behind that waits', async () => {
  const doomed = await f.pool.connect();
  doomed.on('error', (error: Error) => error);
  const end = { name: 'test-end', text: 'SELECT pg_terminate_backend(pg_backend_pid())' };
  const failure: unknown = await sendAtOnce(doomed, [subscribe('gone'), end, count]).catch((error: unknown) => error);
  expect(failure).not.toMatchObject({ severity: 'ERROR' });
  doomed.release(true);
});

const change = { mode: 'add', system: 4, keywords: [] } as const;
const waiting = (): Promise<unknown> =>
  expect
    .poll(async () => (await f.sql("SELECT 1 FROM pg_locks WHERE NOT granted AND locktype <> 'relation'")).length)
    .toBe(1);

test('whoever waits for a mailbox sees what was committed to it meanwhile', async () => {
  const uid = await f.append('a: b\r\n\r\n');
  const holder = await f.pool.connect();
  await holder.query('BEGIN');
  await holder.query('UPDATE mail.mailbox SET modseq = modseq + 1 WHERE id = $1', [f.inbox]);
  await holder.query('UPDATE mail.message SET flags = 16, modseq = modseq + 1 WHERE mailbox = $1', [f.inbox]);
  const request = { operation: operation(), mailbox: f.inbox, uids: [uid], change, unchangedSince: null };
  const stored = f.store.storeFlags(request, attempt);
  await waiting();
  await holder.query('COMMIT');
  holder.release();
  const outcome = await stored;
  expect(outcome).toMatchObject({ kind: 'stored', modified: [] });
  expect(outcome.kind === 'stored' ? [...outcome.rows.flags] : []).toEqual([20]);
});

test('what is stored of each is what a second try reads', async () => {
  const fresh = await openStore(server);
  try {
    const uids: Uid[] = [];
    for (let i = 0; i < 8; i++) uids.push(await fresh.append(`n: ${i}\r\n\r\n`, { system: i === 4 ? 8 : 0 }));
    const marked = await fresh.store.storeFlags(
      {
        operation: operation(),
        mailbox: fresh.inbox,
        uids: uids.slice(3, 4),
        change: { mode: 'add', system: 1, keywords: ['k'] },
        unchangedSince: null,
      },
      attempt,
    );
    if (marked.kind !== 'stored') throw new Error(marked.kind);
    const since = { unchangedSince: (marked.modSeq - 1) as typeof marked.modSeq };
    const store = { operation: operation(), mailbox: fresh.inbox, uids, change, ...since };
    const [first, second] = [
      await fresh.store.storeFlags(store, attempt),
      await fresh.store.storeFlags(store, attempt),
    ];
    expect(first).toMatchObject({ kind: 'stored', keywords: ['k'], modified: [uids[3]] });
    expect(second).toEqual(first);
    const some = uids.filter((_, i) => ![2, 6].includes(i));
    const expunge = { operation: operation(), mailbox: fresh.inbox, uids: some, onlyDeleted: false };
    expect(await fresh.store.expunge(expunge, attempt)).toMatchObject({ kind: 'expunged', uids: some });
    expect(await fresh.store.expunge(expunge, attempt)).toMatchObject({ kind: 'expunged', uids: some });
    const kept = await fresh.sql<{ uids: string }>("SELECT result->>'uids' AS uids FROM mail.operation WHERE id = $1", [
      expunge.operation,
    ]);
    expect(kept).toEqual([{ uids: '1:2,4:6,8' }]);
  } finally {
    await fresh.close();
  }
});

test('whoever waits for an epoch that is being stamped writes nothing at the one before', async () => {
  const uid = await f.append('a: b\r\n\r\n');
  const stamper = await f.pool.connect();
  const admin = await f.sql<{ epoch: number }>('SELECT max(epoch)::int AS epoch FROM imapcluster.repository_epoch');
  await stamper.query('BEGIN');
  await stamper.query(lockEpoch.replace('_shared', ''));
  const requests = [
    () => f.append('late: message\r\n\r\n'),
    () =>
      f.store.storeFlags(
        { operation: operation(), mailbox: f.inbox, uids: [uid], change, unchangedSince: null },
        attempt,
      ),
    () => f.store.expunge({ operation: operation(), mailbox: f.inbox, uids: [uid], onlyDeleted: false }, attempt),
  ];
  const before = await f.store.findMailbox('ada', 'INBOX', attempt);
  const tried = requests.map((request) => request().catch((error: Error) => error.name));
  await expect
    .poll(async () => (await f.sql("SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'advisory'")).length)
    .toBe(requests.length);
  // Nobody of them holds the mailbox while it waits.
  await stamper.query('SELECT 1 FROM mail.mailbox WHERE id = $1 FOR UPDATE NOWAIT', [f.inbox]);
  await f.atEpoch((admin[0]?.epoch ?? 0) + 1, { uidGap: 0 });
  await stamper.query('COMMIT');
  stamper.release();
  expect(await Promise.all(tried)).toEqual(['WrongEpoch', 'WrongEpoch', 'WrongEpoch']);
  expect(await f.store.findMailbox('ada', 'INBOX', attempt)).toEqual(before);
});
