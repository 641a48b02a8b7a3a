import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { type RunningRepository, startRepository } from '../test-support/start-repository.ts';

// Promise: a grant opens a primary right after the stamp of its epoch, which the set has acknowledged; it waits for the set where others
// may have written since, where the set is another one, and where the stamp was written by a process that is gone.

const PATIENCE_MS = 1_500;

describe.each(enginesUnderTest)('%s', (engine) => {
  let running: RunningRepository;
  let epoch = 1;

  beforeAll(async () => {
    running = await startRepository({ members: 2, durability: 'Quorum', engine });
  }, 120_000);
  afterAll(() => running?.stop());

  const replica = () => running.replicas[0] ?? running.primary;
  const grant = () => running.primary.client.send(epoch, { kind: 'grant' }, { expiresAt: Date.now() + PATIENCE_MS });
  const waits = { status: 500, body: { code: 'Timeout' } };

  /** Stamped under a new epoch; then there is nobody any more who could acknowledge. */
  beforeEach(async () => {
    epoch += 1;
    const { client, name, endpoint } = running.primary;
    await client.order(epoch, { kind: 'fence', reason: 'Demoted' });
    await replica().client.order(epoch, { kind: 'follow', upstream: { member: name, endpoint } });
    await client.order(epoch, { kind: 'stamp', epoch, uidGap: 0 });
    await replica().client.order(epoch, { kind: 'detach' });
  }, 60_000);

  test('it counts on the stamp, once', { timeout: 60_000 }, async () => {
    expect(await grant()).toMatchObject({ status: 200 });
    await running.primary.client.order(epoch, { kind: 'fence', reason: 'Demoted' });
    expect(await grant()).toMatchObject(waits);
  });

  test('not on that of an epoch before', { timeout: 60_000 }, async () => {
    epoch += 1;
    expect(await grant()).toMatchObject(waits);
  });

  test('not where the set was written anew', { timeout: 60_000 }, async () => {
    const synchronous = { required: 1, members: [replica().name] };
    await running.primary.client.order(epoch, { kind: 'setSynchronous', synchronous });
    expect(await grant()).toMatchObject(waits);
  });

  test('not on what a process wrote that is gone', { timeout: 60_000 }, async () => {
    const { client } = running.primary;
    const { serverPid } = await client.status();
    process.kill(serverPid ?? 0, 'SIGKILL');
    await client.until(({ state, serverPid: pid }) => state === 'running' && pid !== serverPid, 30_000);
    expect(await grant()).toMatchObject(waits);
  });
});
