import { randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { RecordedLog } from '../../session/test-support/recorded-log.ts';
import { PostgresStore } from '../../store/postgres/postgres-store.ts';
import type { OperationId } from '../../store/types.ts';
import { type ContentRead, RepositoryUnavailable } from '../repository-access.ts';
import { type Notes, openRepository, type TestAccess } from '../test-support/open-repository.ts';
import { TestRepository } from '../test-support/test-repository.ts';

const attempt = { signal: new AbortController().signal };
let repository: TestRepository;
let access: TestAccess;
let notes: Notes;

beforeAll(async () => {
  repository = await TestRepository.start({ members: ['a', 'b'] });
  await repository.server('a').sql('CREATE TABLE public.content (id text)');
  await repository.server('a').sql('GRANT ALL ON public.content TO PUBLIC');
});
afterEach(async () => await access?.close());
afterAll(async () => await repository?.close());

function open(...given: Parameters<typeof openRepository>): void {
  ({ access, notes } = openRepository(...given));
}

const write = async (id: string): Promise<string> =>
  await access.mutate(
    randomUUID() as OperationId,
    async (c) => {
      await c.query('INSERT INTO public.content VALUES ($1)', [id]);
      return id;
    },
    attempt,
  );

/** Reads one row of content; gives where the answer came from, and why. */
async function readFrom(id: string, learntAt?: number): Promise<string> {
  const read = await access.readContent(
    async (c) => {
      const { rows } = await c.query('SELECT id FROM public.content WHERE id = $1', [id]);
      return rows.length === 1
        ? { complete: true as const, value: id, bytes: 100 }
        : { complete: false as const, missing: 1 };
    },
    { ...attempt, ...(learntAt === undefined ? {} : { learntAt }) },
  );
  const note = notes.reads.at(-1);
  const from = note?.source === 'replica' ? 'replica' : `primary: ${note?.fallback}`;
  return read.complete ? from : `missing, ${from}`;
}

/** The reader has been watched long enough to be trusted. */
const trusted = async (id: string): Promise<void> => {
  await expect.poll(() => readFrom(id), { timeout: 10_000 }).toBe('replica');
};

/** The replica has been asked, and has answered, once more: what is believed of it now is not from before. */
async function watchedAgain(member: string): Promise<void> {
  const server = repository.server(member);
  const [mark] = await server.sql<{ at: string }>('SELECT clock_timestamp()::text AS at');
  const answered = `SELECT count(*)::int AS answers FROM pg_stat_activity
    WHERE state = 'idle' AND query LIKE '%pg_last_wal_replay_lsn%' AND query NOT LIKE '%pg_stat_activity%'
      AND query_start > '${mark?.at}'`;
  const answers = async () => (await server.sql<{ answers: number }>(answered))[0]?.answers ?? 0;
  await expect.poll(answers, { timeout: 10_000 }).toBeGreaterThan(0);
}

test('content comes from the replica; from the primary what it lacks, or cannot have yet', async () => {
  open(repository.target('a', 1));
  await write('old');
  await trusted('old');
  expect(await readFrom('old', performance.now())).toBe('primary: recent');
  await repository.server('b').sql('SELECT pg_wal_replay_pause()');
  await write('new');
  expect(await readFrom('new')).toBe('primary: miss');
  expect(await readFrom('nowhere')).toBe('missing, primary: miss');
  await repository.server('b').sql('SELECT pg_wal_replay_resume()');
  await trusted('new');
});

test('a replica that lags too far is left alone until it has caught up', async () => {
  open(repository.target('a', 1), { maxReplicaLagMs: 1_500 });
  await write('lag');
  await trusted('lag');
  await repository.server('b').sql('SELECT pg_wal_replay_pause()');
  await write('more');
  await expect.poll(() => readFrom('lag'), { timeout: 10_000 }).toBe('primary: lagging');
  await repository.server('b').sql('SELECT pg_wal_replay_resume()');
  await trusted('lag');
});

test('what is corrupt on the primary comes from a replica', async () => {
  const log = new RecordedLog();
  open(repository.target('a', 1), { log });
  await write('sound');
  await trusted('sound');
  const soundOnReplica = async (c: ClientBase): Promise<ContentRead<string>> => {
    const { rows } = await c.query('SELECT pg_is_in_recovery() AS replica');
    if (rows[0]?.replica === true) return { complete: true, value: 'sound', bytes: 5 };
    return { complete: false, missing: 1, corrupt: 'message 1' };
  };
  for (let round = 0; round < 3; round++) {
    const read = await access.readContent(soundOnReplica, { ...attempt, learntAt: performance.now() });
    expect(read).toMatchObject({ complete: true, value: 'sound' });
  }
  const told = log.events.filter(({ code }) => code === 'ContentCorrupt');
  expect(told).toEqual([
    { code: 'ContentCorrupt', fields: { partition: 'users-a', member: 'a', content: 'message 1' } },
  ]);
  const corruptEverywhere = async () => ({ complete: false, missing: 1, corrupt: 'message 2' }) as const;
  expect(await access.readContent(corruptEverywhere, attempt)).toMatchObject({ complete: false, corrupt: 'message 2' });
});

test('a replica without the stamp of the epoch in force is not read from', async () => {
  open(repository.target('a', 1));
  await write('stamped');
  await trusted('stamped');
  await repository.server('b').sql('SELECT pg_wal_replay_pause()');
  await repository.stamp('a', 2);
  access.retarget(repository.target('a', 2));
  await watchedAgain('b');
  expect(await readFrom('stamped')).toBe('primary: noReader');
  await repository.server('b').sql('SELECT pg_wal_replay_resume()');
  await trusted('stamped');
});

test('without a writer content and sign-in go on from the replica', async () => {
  open(repository.target('a', 2), { writeHoldMs: 500 });
  await write('kept');
  await trusted('kept');
  access.retarget(repository.target(null, 3));
  expect(await readFrom('kept')).toBe('replica');
  const anywhere = access.readAnywhere((c) => c.query('SELECT pg_is_in_recovery() AS replica'), attempt);
  expect((await anywhere).rows).toEqual([{ replica: true }]);
});

test('users are listed by the primary or not at all: a replica that lags would hide the newest', async () => {
  open(repository.target('a', 2), { writeHoldMs: 500 });
  const store = new PostgresStore(access);
  await write('users');
  await trusted('users');
  await repository.server('b').sql('SELECT pg_wal_replay_pause()');
  const operation = randomUUID() as OperationId;
  await store.createAccount({ operation, name: 'newest', passwordHash: '-', mailboxes: [] }, attempt);
  expect((await store.listAccounts(attempt)).map(({ name }) => name)).toContain('newest');
  access.retarget(repository.target(null, 3));
  await expect(store.listAccounts(attempt)).rejects.toThrow(RepositoryUnavailable);
  await repository.server('b').sql('SELECT pg_wal_replay_resume()');
});

test.each([
  ['53100', 'no space for a temporary file'],
  ['40001', 'a race'],
])('sign-in that meets %s, %s, comes from the replica and speaks against nobody', async (state) => {
  const log = new RecordedLog();
  open(repository.target('a', 2), { log });
  await write(state);
  await trusted(state);
  const anywhere = access.readAnywhere(async (c) => {
    const { rows } = await c.query('SELECT pg_is_in_recovery() AS replica');
    if (rows[0]?.replica !== true) await c.query(`DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '${state}'; END $$`);
    return rows;
  }, attempt);
  expect(await anywhere).toEqual([{ replica: true }]);
  expect(access.view).toMatchObject({ writerReachable: true, writerFailure: null });
  expect(log.codes()).not.toContain('WriterLost');
});

test('a replica that stays one is read from over the same connections, whoever writes', async () => {
  open(repository.target('a', 2));
  await write('before');
  await trusted('before');
  const connections = async (member: string): Promise<readonly number[]> => {
    const backends = `SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'imapd %' ORDER BY backend_start`;
    return (await repository.server(member).sql<{ pid: number }>(backends)).map(({ pid }) => pid);
  };
  const [onWriter, onReplica] = await Promise.all([connections('a'), connections('b')]);
  expect(onReplica.length).toBeGreaterThan(1);
  access.retarget(repository.target(null, 3));
  expect(await readFrom('before')).toBe('replica');
  await expect.poll(() => connections('a'), { timeout: 10_000 }).toEqual([]);
  await repository.stamp('a', 3);
  access.retarget(repository.target('a', 3));
  await write('later');
  await trusted('later');
  expect(await connections('b')).toEqual(onReplica);
  expect((await connections('a')).filter((pid) => onWriter.includes(pid))).toEqual([]);
});

test('a writer that hangs does not keep anybody from signing in', async () => {
  open(repository.target('a', 3), { writeHoldMs: 5_000 });
  await write('hangs');
  await trusted('hangs');
  repository.server('a').signal('SIGSTOP');
  try {
    const anywhere = access.readAnywhere((c) => c.query('SELECT pg_is_in_recovery() AS replica'), attempt);
    expect((await anywhere).rows).toEqual([{ replica: true }]);
  } finally {
    repository.server('a').signal('SIGCONT');
  }
});

test('waits for a writer that ended in vain are one line once there is one again', async () => {
  const log = new RecordedLog();
  open(repository.target(null, 3), { log, writeHoldMs: 50 });
  const read = () => access.read((c) => c.query('SELECT 1'), attempt);
  for (const waiting of [read(), read(), read()]) await expect(waiting).rejects.toThrow(RepositoryUnavailable);
  expect(log.codes()).not.toContain('HoldExpired');
  access.retarget(repository.target('a', 3));
  const [told, ...more] = log.events.filter(({ code }) => code === 'HoldExpired');
  expect(told?.fields).toEqual({ partition: 'users-a', count: 3, longestMs: expect.any(Number) });
  expect(more).toEqual([]);
});

test('whoever waits for the writer hears from a replica that comes back first', async () => {
  open(repository.target('a', 3), { writeHoldMs: 15_000 });
  await write('waited for');
  await trusted('waited for');
  for (const name of ['a', 'b']) await repository.server(name).stop();
  const [early, left] = [readFrom('waited for'), new AbortController()];
  const work = async () => ({ complete: false, missing: 1 }) as const;
  const leaving = access.readContent(work, { signal: left.signal });
  await expect.poll(() => access.view.held, { timeout: 10_000 }).toBe(2);
  left.abort(new Error('the session is gone'));
  await expect(leaving).rejects.toThrow('the session is gone');
  await repository.server('b').start();
  expect(await early).toBe('replica');
  expect(access.view.held).toBe(0);
  await repository.server('a').start();
});

test('with nobody left the answer is that the repository is unavailable', async () => {
  open(repository.target('a', 3), { writeHoldMs: 500 });
  for (const name of ['a', 'b']) await repository.server(name).stop();
  const anywhere = access.readAnywhere((c) => c.query('SELECT 1'), attempt);
  await expect(anywhere).rejects.toThrow(RepositoryUnavailable);
});
