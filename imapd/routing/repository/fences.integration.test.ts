import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Target } from '#contract/routing-document.ts';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import type { OperationId } from '../../store/types.ts';
import { RepositoryUnavailable } from '../repository-access.ts';
import { openRepository, type TestAccess } from '../test-support/open-repository.ts';
import { TestRepository } from '../test-support/test-repository.ts';

const attempt = { signal: new AbortController().signal };
describe.each(enginesUnderTest)('%s', (engine) => {
  let repository: TestRepository;
  let access: TestAccess;
  /** Highest stamped so far: epochs only grow, also from test to test. */
  let epoch = 1;

  beforeAll(async () => {
    repository = await TestRepository.start({ engine, members: ['a', 'b'] });
    await repository.server('a').makeMarks();
  });
  afterEach(async () => await access?.close());
  afterAll(async () => await repository?.close());

  const mark = async (id: string, more: { readonly onHold?: (heldMs: number) => void } = {}): Promise<string> =>
    await access.mutate(
      randomUUID() as OperationId,
      async (c) => {
        await repository.statements.mark(c, id);
        return id;
      },
      { ...attempt, ...more },
    );
  const one = async (): Promise<unknown> => await access.read((c) => repository.statements.one(c), attempt);
  const written = async (id: string): Promise<number> =>
    (await repository.server('a').marks()).filter((each) => each === id).length;

  test('a target of another epoch writes nothing, neither an older nor a newer one', async () => {
    await repository.stamp('a', 2);
    epoch = 2;
    for (const wrong of [1, 3]) {
      ({ access } = openRepository(repository.target('a', wrong), { writeHoldMs: 300 }));
      await expect(mark(`epoch ${wrong}`)).rejects.toThrow(RepositoryUnavailable);
      expect(await written(`epoch ${wrong}`)).toBe(0);
      expect(access.view).toMatchObject({ writerReachable: false, writerFailure: 'sql' });
      await access.close();
    }
  });

  test('a held write goes on with the document that brings the right epoch', async () => {
    ({ access } = openRepository(repository.target('a', epoch - 1)));
    const held: number[] = [];
    const answer = mark('held', { onHold: (ms) => held.push(ms) });
    await expect.poll(() => held.length).toBeGreaterThan(0);
    expect(access.view.held).toBe(1);
    access.retarget(repository.target('a', epoch));
    expect(await answer).toBe('held');
  });

  test('a stamp waits for the writing transactions under way, and later ones see it', async () => {
    ({ access } = openRepository(repository.target('a', epoch)));
    let stamped = false;
    let stamping: Promise<void> = Promise.resolve();
    await access.mutate(
      randomUUID() as OperationId,
      async (c) => {
        stamping = repository.stamp('a', epoch + 1).then(() => {
          stamped = true;
        });
        await repository.server('a').until(() => repository.server('a').stampWaits());
        await repository.statements.mark(c, 'before the stamp');
        expect(stamped).toBe(false);
        return null;
      },
      attempt,
    );
    await stamping;
    expect(stamped).toBe(true);
    const later = mark('after the stamp');
    await expect.poll(() => access.view.writerReachable).toBe(false);
    epoch += 1;
    access.retarget(repository.target('a', epoch));
    expect(await later).toBe('after the stamp');
  });

  test('a writer that was fenced comes back under the same document', async () => {
    const a = repository.server('a');
    ({ access } = openRepository(repository.target('a', epoch)));
    await mark('before the fence');
    await a.fence();
    const answer = mark('behind the fence');
    await expect.poll(() => access.view.writerReachable).toBe(false);
    // Let in again, but only to read: not yet.
    await a.admit('signIn');
    await a.until(async () => (await a.mailSessions()).length > 0);
    expect(access.view).toMatchObject({ writerReachable: false, held: 1 });
    await a.admit('write');
    expect(await answer).toBe('behind the fence');
  });

  test('no writer at all: the wait ends at the deadline, a full house is refused at once', async () => {
    ({ access } = openRepository(repository.target(null, epoch), { writeHoldMs: 200, maxHeld: 1 }));
    const first = mark('nobody writes');
    await expect(mark('nobody waits')).rejects.toThrow('1 commands wait');
    await expect(first).rejects.toThrow('no writer within');
  });

  test('a session that leaves ends its wait and nothing else', async () => {
    ({ access } = openRepository(repository.target(null, epoch)));
    const session = new AbortController();
    const left = access.read((c) => repository.statements.one(c), { signal: session.signal });
    const stays = one();
    session.abort(new Error('the client hung up'));
    await expect(left).rejects.toThrow('the client hung up');
    access.retarget(repository.target('a', epoch));
    expect(await stays).toBe(1);
  });

  test('Async: without a fresh lease reads go on and writes are held', async () => {
    const lone: Partial<Target> = { durability: 'Async', leaseSeconds: 1, readers: [] };
    ({ access } = openRepository(repository.target('a', epoch, lone)));
    expect(await one()).toBe(1);
    const answer = mark('leased');
    await expect.poll(() => access.view.held).toBe(1);
    access.proveLease({ epoch: epoch - 1, since: performance.now() });
    expect(access.view).toMatchObject({ held: 1, leaseRemainingMs: 0 });
    access.proveLease({ epoch, since: performance.now() });
    expect(await answer).toBe('leased');
    await expect.poll(() => access.view.leaseRemainingMs).toBe(0);
    const late = mark('too late');
    expect(await one()).toBe(1);
    expect(access.view.held).toBe(1);
    access.proveLease({ epoch, since: performance.now() });
    expect(await late).toBe('too late');
  });

  test('Async: a replica that streams from the writer renews the lease; detaching it ends that', async () => {
    ({ access } = openRepository(repository.target('a', epoch, { durability: 'Async', leaseSeconds: 2 })));
    expect(await mark('streaming')).toBe('streaming');
    await repository.follow('b', null);
    await expect.poll(() => access.view.leaseRemainingMs, { timeout: 10_000 }).toBe(0);
    await repository.follow('b', 'a');
    expect(await mark('attached again')).toBe('attached again');
  });
});
