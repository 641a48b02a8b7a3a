import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { pause } from '#runtime/deadline.ts';
import { freeze, freezeListener, thaw } from '../test-support/server-processes.ts';
import { PARTITION, START_MS, startCluster, type TestCluster } from '../test-support/start-cluster.ts';

/**
 * Promise: whatever happens to the primary of a Quorum repository of three, a replica takes over, writing goes on, what
 * was acknowledged is there, and all three are whole again afterwards. One repository lives through all of it.
 */
// 1 s and 4 s are the goals, measured by the benchmark; a machine that runs other tests at the same time gets slack.
const KILL_MS = 5_000;
const HANG_MS = 15_000;

describe.each(enginesUnderTest)('%s', (engine) => {
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await startCluster({ members: 3, engine });
  }, START_MS);

  afterAll(async () => {
    await cluster?.[Symbol.asyncDispose]();
  });

  /** Writes through `during`; everything acknowledged must be there afterwards, on all members' word whole again. */
  async function underWrites(during: () => Promise<void>) {
    const writer = cluster.write();
    try {
      await writer.progress(20);
      await during();
      await writer.progress(20);
    } catch (cause) {
      throw new Error(cluster.describe(), { cause });
    } finally {
      await writer.stop();
    }
    await cluster.healthy(40_000);
    const stored = new Set(await cluster.stored());
    expect(writer.acknowledged.filter((row) => !stored.has(row.id))).toEqual([]);
    return writer.acknowledged;
  }

  const changed = (epoch: number) =>
    cluster.until((record) => record.epoch > epoch && record.operation === null, 40_000);

  test('kill -9: a replica takes over, identifiers jump, the old primary follows again', {
    timeout: 60_000,
  }, async () => {
    const { epoch } = cluster.record;
    const old = cluster.primary();
    let killedAt = 0;
    const rows = await underWrites(async () => {
      killedAt = await cluster.kill(old);
      await changed(epoch);
    });
    const first = rows.find((row) => row.epoch === epoch + 1);
    expect((first?.at ?? 0) - killedAt).toBeLessThan(KILL_MS);
    expect(cluster.record.lastChange).toMatchObject({
      kind: 'Failover',
      from: old.name,
      epoch: epoch + 1,
      lostUpTo: 0,
    });
    expect(cluster.record.forks.at(-1)).toMatchObject({ epoch: epoch + 1, uidGap: 1_000_000 });
    expect(cluster.record.lastChange?.salvaged).not.toBeNull();
    expect(Object.keys(cluster.record.lastChange?.phases ?? {})).toEqual(
      expect.arrayContaining(['detect', 'fence', 'elect', 'catchUp', 'promote', 'follow', 'stamp', 'retarget']),
    );
  });

  test('a healthy partition is not written about', async () => {
    await cluster.healthy();
    const before = cluster.stores.writes;
    await pause(2_500);
    expect(cluster.stores.history.slice(before)).toEqual([]);
  });

  // The others are one process: what is stopped of it says nothing to its replicas either.
  if (engine === 'postgresql') {
    test('probes that fail while the replicas still hear it: no failover', { timeout: 30_000 }, async () => {
      const { epoch, primary } = cluster.record;
      const { serverPid } = await cluster.primary().client.status();
      await underWrites(async () => {
        freezeListener(serverPid!);
        try {
          await cluster.primary().client.until((report) => report.probe.consecutiveFailures >= 4);
          await pause(500);
        } finally {
          thaw(serverPid!);
        }
      });
      expect(cluster.record).toMatchObject({ epoch, primary, operation: null });
    });
  }

  test('SIGSTOP: a frozen primary is replaced, killed and taken back', { timeout: 60_000 }, async () => {
    const { epoch } = cluster.record;
    const { serverPid } = await cluster.primary().client.status();
    let frozenAt = 0;
    const rows = await underWrites(async () => {
      frozenAt = performance.now();
      await freeze(serverPid!);
      await changed(epoch);
    });
    const first = rows.find((row) => row.epoch === epoch + 1);
    expect((first?.at ?? 0) - frozenAt).toBeLessThan(HANG_MS);
  });

  test('switchover: planned, to the named member, without a jump of identifiers', { timeout: 60_000 }, async () => {
    const { epoch, primary, forks } = cluster.record;
    const to = cluster.members.members.find((member) => member.name !== primary)!.name;
    // Nobody is asked to take over of whom it is not known how far behind it is.
    await cluster.until(
      () => cluster.operator.status()[0]?.members.every(({ lagSeconds }) => lagSeconds !== null) === true,
    );
    await underWrites(async () => {
      const outcome = await cluster.operator.requestSwitchover(PARTITION, memberName(to));
      expect(outcome).toEqual({ ok: true, primary: to, epoch: epoch + 1 });
    });
    expect(cluster.record.lastChange).toMatchObject({ kind: 'Switchover', from: primary, to });
    expect(cluster.record.forks).toEqual(forks);
    // Stopped in order and all sent: the old primary follows as it is, without a copy.
    expect(cluster.events.filter((event) => event.code === 'MemberRejoined').at(-1)?.fields).not.toMatchObject({
      member: primary,
      by: 'clone',
    });
    const refused = await cluster.operator.requestSwitchover(PARTITION, memberName(to));
    expect(refused).toMatchObject({ ok: false, code: 'AlreadyPrimary' });
  });

  test('pods obeyed versions and epochs that only grow', () => {
    for (const pod of cluster.pods) {
      const epochs = pod.obeyed.map((entry) => entry.epochs[PARTITION] ?? 0);
      expect(epochs).toEqual(epochs.toSorted((a, b) => a - b));
      expect(pod.peers).toHaveLength(cluster.pods.length - 1);
    }
  });
});
