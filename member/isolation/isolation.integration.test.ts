import { afterAll, beforeAll, expect, test } from 'vitest';
import { askAs, connectAs } from '../test-support/connect-as.ts';
import type { RunningMember } from '../test-support/start-members.ts';
import { type RunningRepository, startRepository } from '../test-support/start-repository.ts';

/** A primary that hears neither operator nor peers fences itself. `status` is what peers ask: it is not the operator. */
let running: RunningRepository;
let primary: RunningMember;
let replica: RunningMember;

beforeAll(async () => {
  const configuration = { isolation: { afterMs: 2500 } };
  running = await startRepository({ members: 2, durability: 'Quorum', configuration });
  [primary, replica] = running.members as [RunningMember, RunningMember];
});
afterAll(() => running?.stop());

const fenceOf = async (): Promise<unknown> => (await primary.client.status()).fence;

test('a peer that answers is enough, without any operator', async () => {
  const quietSince = performance.now();
  await expect.poll(() => performance.now() - quietSince, { timeout: 10_000 }).toBeGreaterThan(4000);
  expect(await fenceOf()).toBeNull();
});

test('without operator and peers it refuses mail, though a commit waits; a grant opens it again', async () => {
  const writer = await connectAs('mail', primary, running);
  await writer.query('CREATE TABLE t (id int)');
  await replica.closeStdin();
  const outcome = writer.query('INSERT INTO t VALUES (1)').then(
    () => 'acknowledged',
    () => 'lost',
  );
  await expect.poll(fenceOf, { timeout: 15_000 }).toBe('Isolated');
  expect(await outcome).toBe('lost');
  await expect(askAs('mail', { member: primary, running }, 'SELECT')).rejects.toThrow();
  await replica.startAgent();
  await expect.poll(async () => (await primary.client.status()).state).toBe('running');
  // Back in touch is not enough: somebody else may be primary by now.
  expect(await fenceOf()).toBe('Isolated');
  await primary.client.order(1, { kind: 'grant' });
  expect(await askAs('mail', { member: primary, running }, 'SELECT id FROM t')).toEqual([{ id: 1 }]);
});

test('an operator that listens to the stream is enough, without any peer', async () => {
  await replica.closeStdin();
  const listening = new AbortController();
  let reports = 0;
  const listener = (async () => {
    for await (const _ of primary.client.stream(listening.signal)) reports += 1;
  })();
  await expect.poll(() => reports, { timeout: 15_000 }).toBeGreaterThan(5);
  expect(await fenceOf()).toBeNull();
  listening.abort();
  await expect(listener).rejects.toThrow();
  await expect.poll(fenceOf, { timeout: 15_000 }).toBe('Isolated');
});
