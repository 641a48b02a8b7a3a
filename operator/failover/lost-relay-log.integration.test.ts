import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mysqlServersHereOf } from '#database/mysql/test-support/servers-here.ts';
import { holdTable } from '#member/test-support/hold-table.ts';
import { openAdmin } from '#member/test-support/open-admin.ts';
import type { RunningMember } from '#member/test-support/start-members.ts';
import { START_MS, startCluster, type TestCluster } from '../test-support/start-cluster.ts';

/**
 * Promise: the only replica that acknowledged a write is killed before it has applied it, and is back when the primary's host is lost. It
 * is not counted as one that has all it acknowledged: nobody is promoted, `status` says why, and the write is there when the primary is
 * back. 60 s.
 */
const servers = mysqlServersHereOf((name) => name.startsWith('mariadb'));

describe.skipIf(servers.length === 0).each(servers)('%s', (engine) => {
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await startCluster({ members: 3, engine });
  }, START_MS);

  afterAll(async () => {
    await cluster?.[Symbol.asyncDispose]();
  });

  const pidOf = async (member: RunningMember) => (await member.client.status()).serverPid ?? 0;
  const condition = (wanted: string) => cluster.record.conditions.find(({ type }) => type === wanted);

  /** Its agent, which would have it receive again, stands still. */
  async function receivesNothing(member: RunningMember): Promise<void> {
    process.kill(member.agentPid(), 'SIGSTOP');
    const session = await openAdmin(member, cluster.members);
    await session.batch([{ name: 'stop-receiver', text: 'STOP SLAVE IO_THREAD' }]);
    session.abandon();
  }

  test('blocked until the primary is back, with everything that was acknowledged', { timeout: 120_000 }, async () => {
    const { epoch } = cluster.record;
    const old = cluster.primary();
    const [restarted, other] = cluster.members.members.filter((member) => member !== old) as [
      RunningMember,
      RunningMember,
    ];
    const writer = cluster.write();
    await writer.progress(20);
    await other.client.until(({ replication: r }) => r?.received === r?.applied && r?.mayLack === undefined);
    await receivesNothing(other);
    const holder = await holdTable(restarted, cluster.members, 'tail');
    await writer.progress(20);
    // The host of the primary at once with the server of the only one that has acknowledged.
    const [primaryPid, replicaPid] = [await pidOf(old), await pidOf(restarted)];
    await old.killAgent();
    process.kill(primaryPid, 'SIGKILL');
    process.kill(replicaPid, 'SIGKILL');
    holder.abandon();
    await restarted.client.until(({ state, serverPid }) => state === 'running' && serverPid !== replicaPid, 30_000);
    process.kill(other.agentPid(), 'SIGCONT');

    const lacking = `only ${other.name} can be asked: ${restarted.name} may lack what it acknowledged`;
    await cluster.until(() => condition('FailoverBlocked')?.message.startsWith(lacking) === true, 30_000);
    const blocked = condition('FailoverBlocked');
    expect(blocked).toMatchObject({ status: 'True', reason: 'QuorumLost' });
    expect(blocked?.message).toContain(`bring back the primary ${old.name}`);
    expect(cluster.record.epoch).toBe(epoch);

    await old.startAgent();
    await cluster.healthy(60_000);
    await cluster.until(() => condition('QuorumSafe')?.status === 'True', 30_000);
    await writer.progress(20);
    await writer.stop();
    const stored = new Set(await cluster.stored());
    expect(writer.acknowledged.filter((row) => !stored.has(row.id))).toEqual([]);
  });

  test('both replicas at once, while the primary lives: they count again by themselves', {
    timeout: 120_000,
  }, async () => {
    const { epoch } = cluster.record;
    const writer = cluster.write();
    await writer.progress(20);
    const replicas = cluster.members.members.filter((member) => member !== cluster.primary());
    await Promise.all(replicas.map((member) => cluster.kill(member)));
    await writer.progress(20);
    await cluster.healthy(60_000);
    await cluster.until(() => condition('QuorumSafe')?.status === 'True', 30_000);
    await cluster.kill(cluster.primary());
    await cluster.until((record) => record.epoch > epoch && record.operation === null, 60_000);
    await writer.progress(20);
    await writer.stop();
    const stored = new Set(await cluster.stored());
    expect(writer.acknowledged.filter((row) => !stored.has(row.id))).toEqual([]);
  });
});
