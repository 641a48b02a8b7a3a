import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import type { OperationId } from '../../store/types.ts';
import { openRepository, type TestAccess } from '../test-support/open-repository.ts';
import { TestRepository } from '../test-support/test-repository.ts';

const attempt = { signal: new AbortController().signal };
describe.each(enginesUnderTest)('%s', (engine) => {
  /** One repository for all that leaves it whole, and another for what does not. */
  let repository: TestRepository;
  let access: TestAccess;

  beforeAll(async () => {
    repository = await startQuorum();
  });
  afterEach(async () => await access?.close());
  afterAll(async () => await repository?.close());

  async function startQuorum(): Promise<TestRepository> {
    const started = await TestRepository.start({ engine, members: ['a', 'b', 'c'], synchronous: true });
    await started.server('a').makeMarks();
    return started;
  }

  const mark = async (id: string): Promise<string> =>
    await access.mutate(
      randomUUID() as OperationId,
      async (c) => {
        await repository.statements.mark(c, id);
        return id;
      },
      attempt,
    );

  async function expectPending(promise: Promise<unknown>): Promise<void> {
    const nothing = Symbol('pending');
    const first = await Promise.race([promise, new Promise((resolve) => setTimeout(() => resolve(nothing), 300))]);
    expect(first).toBe(nothing);
  }

  test('the connections are ended and the writer stays: everything goes on by itself', async () => {
    const a = repository.server('a');
    ({ access } = openRepository(repository.target('a', 1)));
    expect(access.view.writerSilentMs).toBeNull();
    await mark('before');
    await a.endMailSessions();
    expect(await mark('after')).toBe('after');
    expect(access.view).toMatchObject({ writerReachable: true, writerFailure: null });
    const silentMs = access.view.writerSilentMs ?? Number.POSITIVE_INFINITY;
    await a.until(async () => (access.view.writerSilentMs ?? 0) > silentMs + 50);
    await mark('later');
    expect(access.view.writerSilentMs).toBeLessThan(silentMs + 50);
  });

  // To end the statement alone has MariaDB report success, and is of no effect on MySQL: nobody does that to who writes.
  const ways = engine === 'postgresql' ? (['statement', 'session'] as const) : (['session'] as const);
  for (const end of ways) {
    test(`a COMMIT whose wait for a replica ends with its ${end} is no success until a replica has it`, async () => {
      const a = repository.server('a');
      ({ access } = openRepository(repository.target('a', 1, { readers: [] })));
      await mark(`before ${end}`);
      for (const replica of ['b', 'c']) await repository.follow(replica, null);
      const answer = mark(end);
      await a.until(async () => (await a.waitingCommits()).length === 1);
      for (const session of await a.waitingCommits()) await a.end(end, session);
      // The primary shows the row to everybody, and no replica has it. MySQL goes on waiting, with nobody to tell.
      if (repository.engine !== 'mysql') await a.until(async () => (await a.marks()).includes(end));
      await expectPending(answer);
      for (const replica of ['b', 'c']) await repository.follow(replica, 'a');
      expect(await answer).toBe(end);
      expect((await a.marks()).filter((id) => id === end)).toHaveLength(1);
    });
  }

  test('a COMMIT that only the old primary has happens again on the new one, once', async () => {
    await using own = await startQuorum();
    const a = own.server('a');
    ({ access } = openRepository(own.target('a', 1, { readers: [] })));
    await mark('kept');
    for (const replica of ['b', 'c']) await own.follow(replica, null);
    const answer = mark('in doubt');
    await a.until(async () => (await a.waitingCommits()).length === 1);
    access.retarget(own.target(null, 2));
    await own.promote('b');
    await own.stamp('b', 2, 1000);
    await expectPending(answer);
    access.retarget(own.target('b', 2));
    expect(await answer).toBe('in doubt');
    expect(await own.server('b').marks()).toEqual(['in doubt', 'kept']);
    await access.close();
  });

  test('a primary killed under load: nobody hears of it, nothing is lost, nothing happens twice', async () => {
    const a = repository.server('a');
    await a.clearMarks();
    const opened = openRepository(repository.target('a', 1));
    access = opened.access;
    const acknowledged: string[] = [];
    let stop = false;
    const writers = Array.from({ length: 6 }, async (_, writer) => {
      for (let i = 0; !stop; i += 1) acknowledged.push(await mark(`${writer}-${i}`));
    });
    await a.until(async () => acknowledged.length > 50);
    a.signal('SIGKILL');
    access.retarget(repository.target(null, 2));
    // What is acknowledged is on b or on c: the one that received more takes over.
    const [fromB, fromC] = [await repository.server('b').received(), await repository.server('c').received()];
    const [winner, other] = fromB >= fromC ? ['b', 'c'] : ['c', 'b'];
    await repository.promote(winner, [other]);
    await repository.follow(other, winner);
    await repository.stamp(winner, 2, 1000);
    const before = acknowledged.length;
    access.retarget(repository.target(winner, 2));
    await a.until(async () => acknowledged.length > before + 50);
    stop = true;
    await Promise.all(writers);
    const found = await repository.server(winner).marks();
    expect(new Set(found).size).toBe(found.length);
    expect(new Set(acknowledged).difference(new Set(found)).size).toBe(0);
    expect(found.length).toBe(acknowledged.length);
    expect(opened.notes.holds.some(({ outcome }) => outcome === 'writer')).toBe(true);
  });
});
