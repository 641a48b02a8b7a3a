import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { pause } from '#runtime/deadline.ts';
import { ExistingCluster, PARTITION } from '../../test-support/existing-cluster.ts';
import type { ExistingServer } from '../../test-support/existing-servers.ts';
import { freeze, thawWhole } from '../../test-support/server-processes.ts';
import { startExisting } from '../../test-support/start-existing.ts';

/**
 * Promise: three servers that somebody else runs are taken over as they are; the loss of their primary costs nothing that was
 * acknowledged; and what SQL cannot do is said, with the member's name, until somebody has done it.
 */
const quorum = { mode: 'Quorum', whenDegraded: 'Hold' } as const;

describe.each(enginesUnderTest)('%s', (engine) => {
  let cluster: ExistingCluster;

  beforeAll(async () => {
    cluster = await new ExistingCluster(await startExisting(engine, ['mail', 'mail', 'mail']), quorum).start();
  }, 60_000);

  afterAll(async () => {
    await cluster?.[Symbol.asyncDispose]();
  });

  const healthy = () => cluster.until((record) => record.phase === 'Healthy');

  /** Writes before, while and after `during` makes another one the primary; nothing acknowledged may be missing. */
  async function underWrites(during: (primary: ExistingServer) => Promise<void>): Promise<ExistingServer> {
    const { epoch } = cluster.record;
    const writer = cluster.write();
    const old = cluster.primary();
    try {
      await writer.progress(20);
      await during(old);
      await cluster.until((record) => record.epoch > epoch && record.operation === null);
      await writer.progress(20);
    } finally {
      await writer.stop();
    }
    expect(cluster.record.lastChange).toMatchObject({ kind: 'Failover', from: old.name, lostUpTo: 0 });
    const stored = await cluster.stored();
    expect(writer.acknowledged.filter((row) => !stored.has(row.id))).toEqual([]);
    return old;
  }

  /**
   * Whether an old primary that is back has to be rebuilt by hand. On PostgreSQL always: SQL makes no replica of a primary. The others
   * attach it where nothing was in its log that no replica had.
   */
  async function mustBeRebuilt(old: ExistingServer): Promise<boolean> {
    const isToBe = (): boolean => cluster.rejoining(old.name)?.startsWith('RebuildByHand') === true;
    await cluster.until((record) => isToBe() || (engine !== 'postgresql' && record.phase === 'Healthy'));
    return isToBe();
  }

  /** What its administrator does then. */
  async function rebuild(server: ExistingServer): Promise<void> {
    const primary = cluster.primary();
    const replica = cluster.servers.servers.find((other) => other !== server && other !== primary)!;
    await cluster.servers.rebuild(server, { replica, primary });
  }

  test('the servers are taken over as they are', async () => {
    await healthy();
    const synchronous = { required: 1, members: ['e1', 'e2'] };
    expect(cluster.record).toMatchObject({ primary: 'e0', epoch: 1, synchronous });
    expect(cluster.condition('MembersUsable')).toMatchObject({ status: 'True', reason: 'Usable' });
    expect(cluster.jobs.ran.map(({ kind }) => kind)).toEqual(['migrate']);
  });

  test('another operator finds them as they are, and changes nothing', async () => {
    const settings = () => Promise.all(cluster.servers.servers.map((server) => cluster.servers.told(server)));
    const before = await settings();
    await cluster.stopOperator();
    await cluster.start();
    await healthy();
    expect(cluster.record).toMatchObject({ primary: 'e0', epoch: 1, operation: null });
    expect(await settings()).toEqual(before);
    const written = async (): Promise<number> => {
      const { writes } = cluster.stores;
      await pause(1_500);
      return cluster.stores.writes - writes;
    };
    // What it has to find out first, it writes down.
    await expect.poll(written).toBe(0);
  });

  test('a planned change is refused: nobody could make a replica of the old primary', async () => {
    const outcome = await cluster.operator.requestSwitchover(PARTITION, memberName('e1'));
    expect(outcome).toMatchObject({ ok: false, code: 'SwitchoverImpossible' });
  });

  test('kill -9: a replica takes over, and the old primary comes back, by hand where it has more', {
    timeout: 120_000,
  }, async () => {
    const old = await underWrites((primary) => primary.stop('SIGKILL'));
    await old.start();
    if (await mustBeRebuilt(old)) {
      expect(cluster.condition('RejoinNeeded')).toMatchObject({
        status: 'True',
        message: expect.stringContaining('e0'),
      });
      expect(cluster.jobs.ran.at(-1)).toMatchObject({ kind: 'salvage', from: { member: 'e0' } });
      await rebuild(old);
    }
    await healthy();
    expect(cluster.record.lastChange?.salvaged).not.toBeNull();
    expect(await cluster.servers.isClosed(old)).toBe(true);
    expect(cluster.record.rejoining).toEqual([]);
  });

  test('SIGSTOP: silence counts once the replicas miss it too', { timeout: 120_000 }, async () => {
    await healthy();
    const old = await underWrites((primary) => freeze(primary.pid()));
    await thawWhole(old.pid());
    await expect.poll(() => cluster.servers.isClosed(old), { timeout: 20_000 }).toBe(true);
    // What waited in COMMIT waits for ever there; only a start of the server ends that.
    const isStuck = (): boolean => cluster.rejoining(old.name)?.includes('start the server again') === true;
    await cluster.until((record) => isStuck() || cluster.rejoining(old.name) !== null || record.phase === 'Healthy');
    if (!isStuck()) return;
    await old.stop('SIGKILL');
    await old.start();
    await mustBeRebuilt(old);
  });
});
