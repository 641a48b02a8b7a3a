import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { askAs, openAs } from '../test-support/connect-as.ts';
import { startSilentProxy } from '../test-support/silent-proxy.ts';
import type { RunningMember } from '../test-support/start-members.ts';
import { type RunningRepository, startRepository } from '../test-support/start-repository.ts';

/** A primary that hears neither operator nor peers fences itself. `status` is what peers ask: it is not the operator. */

/** Long enough for a busy machine to be heard on. */
const AFTER_MS = 4_000;
const LONGER_MS = AFTER_MS * 1.5;
const PATIENT = { timeout: 4 * AFTER_MS };

describe.each(enginesUnderTest)('%s', (engine) => {
  let running: RunningRepository;
  let primary: RunningMember;
  let replica: RunningMember;

  beforeAll(async () => {
    const configuration = { isolation: { afterMs: AFTER_MS } };
    running = await startRepository({ members: 2, durability: 'Quorum', engine, configuration });
    [primary, replica] = running.members as [RunningMember, RunningMember];
  }, 120_000);
  afterAll(() => running?.stop());

  /** A grant that meets the fence of an isolation not yet over gives way to it, and is repeated, as an operator does. */
  const granted = (): Promise<void> =>
    expect
      .poll(() => primary.client.order(1, { kind: 'grant' }).then(() => 'granted', String), PATIENT)
      .toBe('granted');

  /** How listening ended; asked for at once, since it may end while nobody waits for it. */
  const endOf = (listen: () => Promise<void>): Promise<'ended' | 'broken'> =>
    listen().then(
      () => 'ended',
      () => 'broken',
    );

  const fenceOf = async (): Promise<unknown> => (await primary.client.status()).fence;

  test('without operator and peers it refuses mail, though a commit waits; a grant opens it again', async () => {
    const writer = await openAs('mail', primary, running);
    await writer.query('CREATE TABLE t (id int)');
    await replica.closeStdin();
    const outcome = writer.query('INSERT INTO t VALUES (1)').then(
      () => 'acknowledged',
      () => 'lost',
    );
    await expect.poll(fenceOf, PATIENT).toBe('Isolated');
    expect(await outcome).toBe('lost');
    await expect(askAs('mail', { member: primary, running }, 'SELECT 1')).rejects.toThrow();
    await replica.startAgent();
    await expect.poll(async () => (await primary.client.status()).state).toBe('running');
    // Back in touch is not enough: somebody else may be primary by now.
    expect(await fenceOf()).toBe('Isolated');
    await granted();
    expect(await askAs('mail', { member: primary, running }, 'SELECT id FROM t')).toEqual([{ id: 1 }]);
  });

  // Who is heard, and when that is too long ago, is nothing of the engine's.
  if (engine === 'postgresql') {
    test('a peer that answers is enough, without any operator', async () => {
      const quietSince = performance.now();
      await expect.poll(() => performance.now() - quietSince, PATIENT).toBeGreaterThan(LONGER_MS);
      expect(await fenceOf()).toBeNull();
    });

    test('an operator that listens to the stream is enough, without any peer', async () => {
      await replica.closeStdin();
      const listening = new AbortController();
      let reports = 0;
      const ended = endOf(async () => {
        for await (const _ of primary.client.stream(listening.signal)) reports += 1;
      });
      await expect.poll(() => reports, PATIENT).toBeGreaterThan(LONGER_MS / 1000);
      expect(await fenceOf()).toBeNull();
      listening.abort();
      expect(await ended).toBe('broken');
      await expect.poll(fenceOf, PATIENT).toBe('Isolated');
    });

    test('connections that stay open are not enough: operator and peer behind a way that went silent', async () => {
      await replica.startAgent();
      const [toOperator, toPeer] = await Promise.all(
        [primary, replica].map(({ agentUrl }) => startSilentProxy(Number(new URL(agentUrl).port))),
      );
      if (toOperator === undefined || toPeer === undefined) throw new Error('no proxies');
      await primary.client.order(1, { kind: 'setPeers', peers: [{ member: replica.name, url: toPeer.url }] });
      await granted();
      const listening = new AbortController();
      const ended = endOf(async () => {
        for await (const _ of primary.client.stream(listening.signal, toOperator.url));
      });
      // Either way alone is enough, and neither is known to be silent by anything but its silence.
      toPeer.silence();
      const quietSince = performance.now();
      await expect.poll(() => performance.now() - quietSince, PATIENT).toBeGreaterThan(LONGER_MS);
      expect(await fenceOf()).toBeNull();
      toOperator.silence();
      await expect.poll(fenceOf, PATIENT).toBe('Isolated');
      toOperator.close();
      toPeer.close();
      expect(await ended).toBe('broken');
    });
  }
});
