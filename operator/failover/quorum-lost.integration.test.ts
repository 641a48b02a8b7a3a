import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import type { RunningMember } from '#member/test-support/start-members.ts';
import { freeze, thawWhole } from '../test-support/server-processes.ts';
import { START_MS, startCluster, type TestCluster } from '../test-support/start-cluster.ts';

/**
 * Promise: the primary's host is lost while the only replica with an acknowledged write is away too. The other replica
 * is not promoted, `status` names who has to come back, and when that one does, it takes over with everything. 60 s. Of MariaDB, which
 * may have lost by then what it had not applied, it does not: the primary has to come back.
 */
describe.each(enginesUnderTest)('%s', (engine) => {
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await startCluster({ members: 3, engine });
  }, START_MS);

  afterAll(async () => {
    await cluster?.[Symbol.asyncDispose]();
  });

  /** Agent and server at once, as by a power cut. */
  async function loseHost(member: RunningMember): Promise<void> {
    const { serverPid } = await member.client.status();
    await member.killAgent();
    process.kill(serverPid ?? 0, 'SIGKILL');
  }

  const blockedBy = () => cluster.record.conditions.find(({ type }) => type === 'FailoverBlocked');

  test('blocked until the replica with the acknowledged writes is back, which takes over', {
    timeout: 90_000,
  }, async () => {
    const { epoch } = cluster.record;
    const old = cluster.primary();
    const [behind, complete] = cluster.members.members.filter((member) => member !== old) as [
      RunningMember,
      RunningMember,
    ];
    const { serverPid } = await behind.client.status();
    const writer = cluster.write();
    await writer.progress(20);
    await freeze(serverPid ?? 0);
    await writer.progress(20);
    await Promise.all([loseHost(old), loseHost(complete)]);
    await thawWhole(serverPid ?? 0);

    await cluster.until((record) => record.phase === 'Blocked', 30_000);
    const blocked = blockedBy();
    expect(blocked).toMatchObject({ status: 'True', reason: 'QuorumLost' });
    expect(blocked?.message).toContain(`bring back ${complete.name}, or the primary ${old.name}`);
    expect((await behind.client.status()).grantedEpoch).toBeNull();
    expect(cluster.record.epoch).toBe(epoch);

    await complete.startAgent();
    if (cluster.members.engine === 'mariadb') {
      const says = `${complete.name} may lack what it acknowledged`;
      await cluster.until(() => blockedBy()?.message.includes(says) === true, 40_000);
      expect(blockedBy()?.message).toContain(`bring back the primary ${old.name}`);
      await old.startAgent();
    } else {
      await cluster.until((record) => record.epoch === epoch + 1 && record.operation === null, 40_000);
      // The frozen one may have found the rest in its socket when it thawed: then it is as complete, and as good.
      expect([behind.name, complete.name]).toContain(cluster.record.primary);
      expect(cluster.record).toMatchObject({ lastChange: { from: old.name, lostUpTo: 0 } });
    }
    await writer.progress(20);
    await writer.stop();
    const stored = new Set(await cluster.stored());
    expect(writer.acknowledged.filter((row) => !stored.has(row.id))).toEqual([]);
    if (cluster.members.engine !== 'mariadb') await old.startAgent();
    await cluster.healthy(40_000);
  });
});
