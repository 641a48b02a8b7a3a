import { rename } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { PARTITION, START_MS, startCluster, storedOn, type TestCluster } from '../test-support/start-cluster.ts';

/**
 * Promise: a replica whose data is gone is copied of the other replica, under writes, and then follows the primary with all that was
 * acknowledged; where that one is not there either, of the primary.
 */
describe.each(enginesUnderTest)('%s', (engine) => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await startCluster({ members: 3, engine });
  }, START_MS);
  afterAll(async () => {
    await cluster?.[Symbol.asyncDispose]();
  });

  const replicas = () => cluster.members.members.filter(({ name }) => name !== cluster.record.primary);
  const rejoined = (member: string) =>
    cluster.events.filter(({ code, fields }) => code === 'MemberRejoined' && fields?.member === member).at(-1)?.fields;

  test('of the other replica; then everything is there', { timeout: 90_000 }, async () => {
    await cluster.healthy(40_000);
    const [lost, other] = replicas();
    if (lost === undefined || other === undefined) throw new Error('there are no two replicas');
    const writer = cluster.write();
    await writer.progress(20);
    await rename(lost.dataDirectory, `${lost.dataDirectory}.lost`);
    await cluster.kill(lost);
    await expect.poll(() => rejoined(lost.name), { timeout: 60_000, interval: 20 }).toBeDefined();
    await writer.progress(20);
    await writer.stop();
    await cluster.healthy(40_000);
    expect(rejoined(lost.name)).toEqual({ member: lost.name, by: 'clone', from: other.name });
    expect(cluster.record).toMatchObject({ epoch: 1, rejoining: [] });
    const ids = writer.acknowledged.map(({ id }) => id);
    const lacking = async () => {
      const stored = new Set(await storedOn(lost, cluster.members));
      return ids.filter((id) => !stored.has(id));
    };
    await expect.poll(lacking, { timeout: 10_000 }).toEqual([]);
    // What was copied of somebody else may take over like any other.
    // What it has received by now its agent reports a moment later.
    await expect
      .poll(() => cluster.operator.requestSwitchover(PARTITION, lost.name as never), { timeout: 20_000, interval: 500 })
      .toMatchObject({ ok: true, primary: lost.name });
    await cluster.healthy(40_000);
    expect(await lacking()).toEqual([]);
  });
});
