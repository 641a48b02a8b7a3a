import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import type { Condition } from '../partition/record.ts';
import { freeze } from '../test-support/server-processes.ts';
import { START_MS, startCluster, type TestCluster } from '../test-support/start-cluster.ts';

/**
 * Promise: an Async repository of two loses at most what its bound says, and only for as long as the old primary is
 * away; nobody writes under an old lease to the old primary once the new one is open.
 */
const LEASE_SECONDS = 3;

describe.each(enginesUnderTest)('%s', (engine) => {
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await startCluster({
      members: 2,
      engine,
      durability: { mode: 'Async', whenDegraded: 'Hold' },
      tuning: { leaseSeconds: LEASE_SECONDS, restartBudgetMs: 10_000 },
    });
  }, START_MS);

  afterAll(async () => {
    await cluster?.[Symbol.asyncDispose]();
  });

  test('the server alone ends: it is started again in place, which loses nothing', { timeout: 40_000 }, async () => {
    const { epoch, primary } = cluster.record;
    const writer = cluster.write();
    await writer.progress(20);
    await cluster.kill(cluster.primary());
    await writer.progress(20);
    await writer.stop();
    await cluster.healthy();
    const stored = new Set(await cluster.stored());
    expect(writer.acknowledged.filter((row) => !stored.has(row.id))).toEqual([]);
    expect(cluster.record).toMatchObject({ epoch, primary });
  });

  test('SIGSTOP: it is killed and started again in place, which loses nothing', { timeout: 60_000 }, async () => {
    await cluster.healthy();
    const { epoch, primary } = cluster.record;
    const { serverPid } = await cluster.primary().client.status();
    const writer = cluster.write();
    await writer.progress(20);
    await freeze(serverPid ?? 0);
    await cluster.until(({ conditions }) => conditions.some(isNotReady), 20_000);
    await writer.progress(20);
    await writer.stop();
    await cluster.healthy();
    const stored = new Set(await cluster.stored());
    expect(writer.acknowledged.filter((row) => !stored.has(row.id))).toEqual([]);
    expect(cluster.record).toMatchObject({ epoch, primary });
    expect((await cluster.primary().client.status()).serverPid).not.toBe(serverPid);
    expect(cluster.events.filter(({ code }) => code === 'ServerHung')).toMatchObject([{ fields: { member: primary } }]);
  });

  const isNotReady = ({ type, status }: Condition): boolean => type === 'Ready' && status === 'False';

  test('its host is lost while a process holds a lease and hears no fence: waited out, lost, brought back', {
    timeout: 80_000,
  }, async () => {
    const { epoch } = cluster.record;
    const old = cluster.primary();
    const replica = cluster.members.members.find((member) => member.name !== old.name)!;
    const writer = cluster.write(cluster.pods[0]);
    await writer.progress(20);
    // With the replica's host away the primary alone has what is acknowledged.
    const { serverPid: replicaPid } = await replica.client.status();
    await replica.killAgent();
    process.kill(replicaPid!, 'SIGKILL');
    await writer.progress(10);
    const lonely = writer.acknowledged.slice(-10).map((row) => row.id);
    const { serverPid } = await old.client.status();
    const deaf = cluster.pods[1]!;
    deaf.deaf = true;
    await old.killAgent();
    process.kill(serverPid!, 'SIGKILL');
    await replica.startAgent();
    await cluster.until((record) => record.epoch > epoch && record.operation === null, 40_000);
    await writer.progress(10);
    const first = writer.acknowledged.find((row) => row.epoch > epoch)!;
    expect(first.at).toBeGreaterThan(deaf.leaseUntil(cluster.spec.partitions[0]!.name));
    // What the replica may lack, and what the process out of reach may have written under its lease after that.
    const { lostUpTo } = cluster.record.lastChange ?? {};
    expect(lostUpTo).toBeGreaterThan(LEASE_SECONDS);
    // A busy machine takes its time to see the loss.
    expect(lostUpTo).toBeLessThanOrEqual(5 + LEASE_SECONDS + 30);
    const survived = new Set(await cluster.stored());
    expect(lonely.some((id) => !survived.has(id))).toBe(true);
    deaf.deaf = false;
    // The operator ends between the salvage and its record: it is done again, and brings nothing twice.
    let crashed = false;
    await cluster.restartOperator((name) => {
      if (name !== 'rejoin.salvage:after-effect' || crashed) return;
      crashed = true;
      throw new Error(`crash at ${name}`);
    });
    await old.startAgent();
    await cluster.until(() => crashed, 40_000);
    await cluster.restartOperator();
    await cluster.healthy(40_000);
    expect(cluster.jobs.ran.filter(({ kind }) => kind === 'salvage')).toHaveLength(2);
    await writer.stop();
    const stored = new Set(await cluster.stored());
    expect(writer.acknowledged.filter((row) => !stored.has(row.id))).toEqual([]);
    expect(cluster.record.lastChange?.salvaged).toMatchObject({ messages: expect.any(Number) });
    const finished = cluster.events.find(({ code }) => code === 'SalvageFinished');
    // What it alone had is named by those whose logs can name it, until it is copied.
    const errant = { errant: expect.stringMatching(/^\d+ transactions?: /) };
    expect(finished?.fields).toMatchObject({ member: old.name, ...(engine === 'postgresql' ? {} : errant) });
    await cluster.until(({ members }) => members.every((line) => line.errant === undefined), 10_000);
  });
});
