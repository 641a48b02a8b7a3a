import { expect, test, vi } from 'vitest';
import { memberName } from '#contract/names.ts';
import { SimulatedCluster } from '../test-support/simulated-cluster.ts';

// Promise: members that are still being copied for the first time are in nobody's way: the others fail over without them, no
// commit waits for them, and once they have everything they count.

vi.setConfig({ testTimeout: 60_000 });

const HOUR_MS = 3_600_000;

/** As many of the servers as `first` says are the partition; `among` says who is from then on, a newcomer in parentheses. */
async function grown({ first, among }: { first: number; among: string }): Promise<SimulatedCluster> {
  const cluster = new SimulatedCluster({ members: 5 });
  const all = cluster.spec.partitions[0]?.members ?? [];
  cluster.change({ members: all.slice(0, first) });
  await cluster.start();
  expect(await cluster.healthy()).toBe(true);
  for (const { name } of all.slice(first)) cluster.server(name).cloneMs = HOUR_MS;
  tell(cluster, among);
  await cluster.until(() => false, 5_000);
  expect(cluster.write()).toBe(true);
  return cluster;
}

function tell(cluster: SimulatedCluster, among: string): void {
  const members = among.split(' ').map((word) => {
    const name = `a${word.replaceAll(/[()]/g, '')}`;
    const at = { endpoint: { host: name, port: 5432 }, agentUrl: `http://${name}` };
    return { name: memberName(name), ...at, newcomer: word.startsWith('(') };
  });
  cluster.change({ members });
  void cluster.operator.apply(cluster.spec);
}

test('from three to five, and the primary is lost while they are copied: the others have everything', async () => {
  const cluster = await grown({ first: 3, among: '0 1 2 (3) (4)' });
  expect(cluster.record.synchronous).toEqual({ required: 1, members: ['a1', 'a2'] });
  cluster.server('a0').end();
  expect(await cluster.until(() => cluster.record.epoch === 2 && cluster.write(), 10_000)).toBe(true);
  expect(cluster.lost()).toEqual([]);
  await cluster.stop();
});

test('once they have everything they count', async () => {
  const cluster = await grown({ first: 3, among: '0 1 2 (3) (4)' });
  for (const name of ['a3', 'a4']) cluster.server(name).cloneMs = 1_000;
  await cluster.restart();
  expect(await cluster.healthy(60_000)).toBe(true);
  expect(cluster.record.synchronous).toEqual({ required: 1, members: ['a1', 'a2'] });
  tell(cluster, '0 1 2 3 4');
  const five = { required: 2, members: ['a1', 'a2', 'a3', 'a4'] };
  expect(await cluster.until(() => cluster.record.synchronous.required === 2, 10_000)).toBe(true);
  expect(cluster.record.synchronous).toEqual(five);
  await cluster.stop();
});

test('in place of a replica that is lost, and then the primary is lost: promoted, and its copy makes the two', async () => {
  const cluster = await grown({ first: 3, among: '0 1 (3)' });
  expect(cluster.record.synchronous).toEqual({ required: 1, members: ['a1'] });
  cluster.server('a3').cloneMs = 5_000;
  cluster.server('a0').end();
  expect(await cluster.until(() => cluster.record.primary === 'a1' && cluster.write(), 60_000)).toBe(true);
  expect(cluster.record.synchronous).toEqual({ required: 1, members: ['a0', 'a3'] });
  expect(cluster.lost()).toEqual([]);
  await cluster.stop();
});
