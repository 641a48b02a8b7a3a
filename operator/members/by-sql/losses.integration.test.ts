import { describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import type { PartitionRecord } from '../../partition/record.ts';
import { ExistingCluster, PARTITION } from '../../test-support/existing-cluster.ts';
import type { ExistingServer } from '../../test-support/existing-servers.ts';
import { startExisting } from '../../test-support/start-existing.ts';

/** Promise: servers without agents lose no more than their durability says, whoever of them is lost, and in whatever order they come back. */
const quorum = { mode: 'Quorum', whenDegraded: 'Hold' } as const;

describe.each(enginesUnderTest)('%s', (engine) => {
  /** Named as one to be rebuilt by hand; or attached, where its log is a beginning of the new primary's and SQL can do it. */
  const isBack = (cluster: ExistingCluster, record: PartitionRecord, { name }: ExistingServer): boolean =>
    cluster.rejoining(name)?.startsWith('RebuildByHand') === true ||
    (engine !== 'postgresql' && record.phase === 'Healthy');

  test('a primary that comes back before anybody could be promoted serves on, behind a barrier', {
    timeout: 120_000,
  }, async () => {
    const servers = await startExisting(engine, ['mail', 'mail', 'mail']);
    await using lonely = await new ExistingCluster(servers, quorum).start();
    await lonely.until((record) => record.phase === 'Healthy');
    const isReady = (): boolean => lonely.condition('Ready')?.status === 'True';
    await servers.server('e2').stop('SIGKILL');
    await lonely.until((record) => record.phase === 'Degraded');
    await servers.server('e0').stop('SIGKILL');
    await lonely.until(() => lonely.condition('FailoverBlocked')?.reason === 'QuorumLost');
    await servers.server('e0').start();
    await lonely.until(isReady);
    expect(lonely.record).toMatchObject({ primary: 'e0', epoch: 1, operation: null });
    await servers.server('e2').start();
    await lonely.until((record) => record.phase === 'Healthy');

    // Both at once: a change that was begun is given up, and the survivor attached again.
    await Promise.all([servers.server('e2').stop('SIGKILL'), servers.server('e0').stop('SIGKILL')]);
    await lonely.until(() => !isReady());
    await servers.server('e0').start();
    await lonely.until(isReady);
    expect(lonely.record).toMatchObject({ primary: 'e0', lastChange: null });
  });

  test('Async: a replica takes over, and what only the old primary had comes back with it', {
    timeout: 120_000,
  }, async () => {
    const servers = await startExisting(engine, ['mail', 'mail']);
    await using pair = await new ExistingCluster(servers, { mode: 'Async', whenDegraded: 'Hold' }).start();
    await pair.until((record) => record.phase === 'Healthy');
    const writer = pair.write();
    await writer.progress(20);
    // Who does not know how far behind the replica is promotes nobody.
    await pair.until(() => pair.operator.status()[0]?.members.every(({ lagSeconds }) => lagSeconds !== null) === true);
    const old = pair.primary();
    await old.stop('SIGKILL');
    await pair.until((record) => record.epoch === 2 && record.operation === null);
    await writer.progress(20);
    await writer.stop();
    await old.start();
    await pair.until((record) => isBack(pair, record, old));
    const stored = await pair.stored();
    expect(writer.acknowledged.filter((row) => !stored.has(row.id))).toEqual([]);
  });

  test('a person makes another one the primary, while the old one lives: it is closed', {
    timeout: 120_000,
  }, async () => {
    const servers = await startExisting(engine, ['mail', 'mail', 'mail']);
    await using asked = await new ExistingCluster(servers, quorum).start();
    await asked.until((record) => record.phase === 'Healthy');
    const writer = asked.write();
    await writer.progress(20);
    const outcome = await asked.operator.requestFailover(PARTITION, { acceptDataLoss: false });
    expect(outcome).toMatchObject({ ok: true, epoch: 2 });
    await writer.progress(20);
    await writer.stop();
    const stored = await asked.stored();
    expect(writer.acknowledged.filter((row) => !stored.has(row.id))).toEqual([]);
    const old = servers.server('e0');
    await asked.until((record) => isBack(asked, record, old));
    expect(await servers.isClosed(old)).toBe(true);
  });

  test.each(['fence:after-effect', 'promote:after-effect', 'retarget:before'])(
    'another operator goes on at %s',
    {
      timeout: 120_000,
    },
    async (point) => {
      const servers = await startExisting(engine, ['mail', 'mail', 'mail']);
      await using left = new ExistingCluster(servers, quorum);
      const isThere = Promise.withResolvers<void>();
      // It gets no further than there, as often as it tries.
      await left.start((name) => {
        if (name !== point || left.record.operation?.kind !== 'Failover') return;
        isThere.resolve();
        throw new Error('the operator ends here');
      });
      await left.until((record) => record.phase === 'Healthy');
      const writer = left.write();
      await writer.progress(20);
      await left.primary().stop('SIGKILL');
      await isThere.promise;
      await left.stopOperator();
      await left.start();
      await left.until((record) => record.epoch > 1 && record.operation === null);
      await writer.progress(20);
      await writer.stop();
      const stored = await left.stored();
      expect(writer.acknowledged.filter((row) => !stored.has(row.id))).toEqual([]);
    },
  );
});
