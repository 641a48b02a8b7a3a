import { expect, onTestFinished, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import { compareLsn } from '#database/postgres/lsn.ts';
import { checkpointOf } from '../test-support/checkpoint-of.ts';
import { PARTITION, startCluster } from '../test-support/start-cluster.ts';

/**
 * Promise: before a planned change stops the writing, primary and successor have written out what was dirty, the successor up to
 * the very checkpoint of its primary; and the old primary follows as it is.
 */
test('a switchover under writes', { timeout: 120_000 }, async () => {
  const cluster = await startCluster({ members: 3 });
  onTestFinished(() => cluster[Symbol.asyncDispose]());
  const old = cluster.primary();
  const to = cluster.members.members.find(({ name }) => name !== old.name)!;
  const writer = cluster.write();
  await writer.progress(20);
  const { replication } = await old.client.status();
  const before = replication!.received;
  // Nothing else writes out so soon what was written just now.
  expect(compareLsn(checkpointOf(old), before)).toBeLessThan(0);
  const seen: { readonly primary: string; readonly successor: string; readonly writtenUntilThen: number }[] = [];
  await cluster.stopOperator();
  await cluster.startOperator((point) => {
    if (point !== 'fence:before') return;
    const writtenUntilThen = writer.acknowledged.length;
    seen.push({ primary: checkpointOf(old), successor: checkpointOf(to), writtenUntilThen });
  });
  await cluster.healthy(30_000);
  const outcome = await cluster.operator.requestSwitchover(PARTITION, memberName(to.name));
  expect(outcome).toMatchObject({ ok: true, primary: to.name });
  await writer.progress(20);
  await writer.stop();
  expect(seen).toHaveLength(1);
  const [{ primary, successor, writtenUntilThen }] = seen as [(typeof seen)[0]];
  expect(compareLsn(primary, before)).toBeGreaterThan(0);
  expect(successor).toBe(primary);
  expect(writtenUntilThen).toBeGreaterThan(20);
  await cluster.healthy(40_000);
  const copied = expect.objectContaining({ fields: expect.objectContaining({ member: old.name, by: 'clone' }) });
  expect(cluster.events).not.toContainEqual(copied);
  const stored = new Set(await cluster.stored());
  expect(writer.acknowledged.filter(({ id }) => !stored.has(id))).toEqual([]);
});
