import { expect, test } from 'vitest';
import { debianPostgres } from '#member/test-support/embedded-postgres.ts';
import { ExistingCluster, PARTITION } from '../../test-support/existing-cluster.ts';
import { startExistingServers } from '../../test-support/existing-servers.ts';

/** Promise: servers without agents lose no more than their durability says, whoever of them is lost, and in whatever order they come back. */
const quorum = { mode: 'Quorum', whenDegraded: 'Hold' } as const;

test('a primary that comes back before anybody could be promoted serves on, behind a barrier', {
  timeout: 120_000,
}, async () => {
  const servers = await startExistingServers(['mail', 'mail', 'mail']);
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
  const servers = await startExistingServers(['mail', 'mail']);
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
  await pair.until(() => pair.rejoining(old.name)?.startsWith('RebuildByHand') === true);
  const stored = await pair.stored();
  expect(writer.acknowledged.filter((row) => !stored.has(row.id))).toEqual([]);
});

test('a person makes another one the primary, while the old one lives: it is closed', {
  timeout: 120_000,
}, async () => {
  const servers = await startExistingServers(['mail', 'mail', 'mail']);
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
  await asked.until(() => asked.rejoining(old.name)?.startsWith('RebuildByHand') === true);
  const shown = await servers.ask(old, 'SHOW default_transaction_read_only');
  expect(shown).toEqual([{ default_transaction_read_only: 'on' }]);
});

test.each(['fence:after-effect', 'promote:after-effect', 'retarget:before'])(
  'another operator goes on at %s',
  {
    timeout: 120_000,
  },
  async (point) => {
    const servers = await startExistingServers(['mail', 'mail', 'mail']);
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

const debian = await debianPostgres();

test.skipIf(debian === null)(
  'the PostgreSQL of the machine, which may be the oldest that is taken',
  { timeout: 120_000 },
  async () => {
    const servers = await startExistingServers(['mail', 'mail', 'mail'], { bin: debian ?? '' });
    await using older = await new ExistingCluster(servers, quorum).start();
    await older.until((record) => record.phase === 'Healthy');
    const old = older.primary();
    await old.stop('SIGKILL');
    await older.until((record) => record.epoch === 2 && record.operation === null);
    await old.start();
    await older.until(() => older.rejoining(old.name)?.startsWith('RebuildByHand') === true);
  },
);
