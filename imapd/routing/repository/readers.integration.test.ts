import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { RecordedLog } from '../../session/test-support/recorded-log.ts';
import type { Store } from '../../store/store.ts';
import type { OperationId } from '../../store/types.ts';
import { type ContentRead, RepositoryUnavailable } from '../repository-access.ts';
import { type Notes, openRepository, type TestAccess } from '../test-support/open-repository.ts';
import { TestRepository } from '../test-support/test-repository.ts';

const attempt = { signal: new AbortController().signal };
describe.each(enginesUnderTest)('%s', (engine) => {
  let repository: TestRepository;
  let access: TestAccess;
  let store: Store;
  let notes: Notes;

  beforeAll(async () => {
    repository = await TestRepository.start({ engine, members: ['a', 'b'] });
    await repository.server('a').makeMarks();
  });
  afterEach(async () => await access?.close());
  afterAll(async () => await repository?.close());

  function open(...given: Parameters<typeof openRepository>): void {
    ({ access, store, notes } = openRepository(...given));
  }

  const write = async (id: string): Promise<string> =>
    await access.mutate(
      randomUUID() as OperationId,
      async (c) => {
        await repository.statements.mark(c, id);
        return id;
      },
      attempt,
    );

  /** Reads one row of content; gives where the answer came from, and why. */
  async function readFrom(id: string, learntAt?: number): Promise<string> {
    const read = await access.readContent(
      async (c) => {
        return (await repository.statements.isMarked(c, id))
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
    const answered = await repository.server(member).watchOfReplica();
    await expect.poll(answered, { timeout: 10_000 }).toBe(true);
  }

  test('content comes from the replica; from the primary what it lacks, or cannot have yet', async () => {
    open(repository.target('a', 1));
    await write('old');
    await trusted('old');
    expect(await readFrom('old', performance.now())).toBe('primary: recent');
    await repository.server('b').pauseReplay();
    await write('new');
    expect(await readFrom('new')).toBe('primary: miss');
    expect(await readFrom('nowhere')).toBe('missing, primary: miss');
    await repository.server('b').resumeReplay();
    await trusted('new');
  });

  test('a replica that lags too far is left alone until it has caught up', async () => {
    open(repository.target('a', 1), { maxReplicaLagMs: 1_500 });
    await write('lag');
    await trusted('lag');
    await repository.server('b').pauseReplay();
    await write('more');
    await expect.poll(() => readFrom('lag'), { timeout: 10_000 }).toBe('primary: lagging');
    await repository.server('b').resumeReplay();
    await trusted('lag');
  });

  test('what is corrupt on the primary comes from a replica', async () => {
    const log = new RecordedLog();
    open(repository.target('a', 1), { log });
    await write('sound');
    await trusted('sound');
    const soundOnReplica = async (c: object): Promise<ContentRead<string>> => {
      if (await repository.statements.isReplica(c)) return { complete: true, value: 'sound', bytes: 5 };
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
    expect(await access.readContent(corruptEverywhere, attempt)).toMatchObject({
      complete: false,
      corrupt: 'message 2',
    });
  });

  test('a replica without the stamp of the epoch in force is not read from', async () => {
    open(repository.target('a', 1));
    await write('stamped');
    await trusted('stamped');
    await repository.server('b').pauseReplay();
    await repository.stamp('a', 2);
    access.retarget(repository.target('a', 2));
    await watchedAgain('b');
    expect(await readFrom('stamped')).toBe('primary: noReader');
    await repository.server('b').resumeReplay();
    await trusted('stamped');
  });

  test('without a writer content and sign-in go on from the replica', async () => {
    open(repository.target('a', 2), { writeHoldMs: 500 });
    await write('kept');
    await trusted('kept');
    access.retarget(repository.target(null, 3));
    expect(await readFrom('kept')).toBe('replica');
    const anywhere = access.readAnywhere((c) => repository.statements.isReplica(c), attempt);
    expect(await anywhere).toBe(true);
  });

  test('users are listed by the primary or not at all: a replica that lags would hide the newest', async () => {
    open(repository.target('a', 2), { writeHoldMs: 500 });
    await write('users');
    await trusted('users');
    await repository.server('b').pauseReplay();
    const operation = randomUUID() as OperationId;
    await store.createAccount({ operation, name: 'newest', passwordHash: '-', mailboxes: [] }, attempt);
    expect((await store.listAccounts(attempt)).map(({ name }) => name)).toContain('newest');
    access.retarget(repository.target(null, 3));
    await expect(store.listAccounts(attempt)).rejects.toThrow(RepositoryUnavailable);
    await repository.server('b').resumeReplay();
  });

  test.each([
    ['noSpace', 'no space for a temporary file'],
    ['race', 'a race'],
  ] as const)('sign-in that meets %s, %s, comes from the replica and speaks against nobody', async (by, _) => {
    const log = new RecordedLog();
    open(repository.target('a', 2), { log });
    await write(by);
    await trusted(by);
    const anywhere = access.readAnywhere(async (c) => {
      const isReplica = await repository.statements.isReplica(c);
      if (!isReplica) await repository.statements.fail(c, by);
      return isReplica;
    }, attempt);
    expect(await anywhere).toBe(true);
    expect(access.view).toMatchObject({ writerReachable: true, writerFailure: null });
    expect(log.codes()).not.toContain('WriterLost');
  });

  test('a replica that stays one is read from over the same connections, whoever writes', async () => {
    open(repository.target('a', 2));
    await write('before');
    await trusted('before');
    const connections = (member: string): Promise<readonly number[]> => repository.server(member).mailSessions();
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
      const anywhere = access.readAnywhere((c) => repository.statements.isReplica(c), attempt);
      expect(await anywhere).toBe(true);
    } finally {
      repository.server('a').signal('SIGCONT');
    }
  });

  test('waits for a writer that ended in vain are one line once there is one again', async () => {
    const log = new RecordedLog();
    open(repository.target(null, 3), { log, writeHoldMs: 50 });
    const read = () => access.read((c) => repository.statements.one(c), attempt);
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
    const anywhere = access.readAnywhere((c) => repository.statements.one(c), attempt);
    await expect(anywhere).rejects.toThrow(RepositoryUnavailable);
  });
});
