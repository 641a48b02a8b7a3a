import { expect, test, vi } from 'vitest';
import { memberName } from '#contract/names.ts';
import { SimulatedCluster } from '../test-support/simulated-cluster.ts';

// Promise: a member that is made, or made anew, is copied of a replica, so that the primary is spared; where none is able to, or it
// is lost in the middle, of the primary. Whatever happens, it comes to follow the primary.

vi.setConfig({ testTimeout: 60_000 });

/** Three of which two are the partition; the third, a2, is to be added. */
async function two(): Promise<SimulatedCluster> {
  const cluster = new SimulatedCluster({ members: 3 });
  const all = cluster.spec.partitions[0]?.members ?? [];
  cluster.change({ members: all.slice(0, 2) });
  await cluster.start();
  expect(await cluster.healthy()).toBe(true);
  return cluster;
}

function grow(cluster: SimulatedCluster): void {
  const members = ['a0', 'a1', 'a2'].map((name) => {
    const at = { endpoint: { host: name, port: 5432 }, agentUrl: `http://${name}` };
    return { name: memberName(name), ...at, newcomer: name === 'a2' };
  });
  cluster.change({ members });
  void cluster.operator.apply(cluster.spec);
}

const donorOf = (cluster: SimulatedCluster) => cluster.record.rejoining.find(({ member }) => member === 'a2')?.donor;

test('of a replica, as record and Event say; it follows the primary then, and shows how it was copied', async () => {
  const cluster = await two();
  cluster.server('a2').cloneMs = 20_000;
  grow(cluster);
  expect(await cluster.until(() => donorOf(cluster) === 'a1', 10_000)).toBe(true);
  expect(await cluster.healthy(60_000)).toBe(true);
  expect(cluster.server('a2').copiedFrom).toEqual(['a1']);
  expect(cluster.server('a2').upstream).toBe('a0');
  const rejoined = cluster.events.filter(({ code }) => code === 'MemberRejoined').at(-1);
  expect(rejoined?.fields).toEqual({ member: 'a2', by: 'clone', from: 'a1' });
  const shown = new Map(cluster.record.members.map(({ name, copiedBy }) => [String(name), copiedBy]));
  expect([shown.get('a0'), shown.get('a2')]).toEqual([undefined, 'BaseBackup']);
  await cluster.stop();
});

test('an operator that is started anew goes on with the same donor', async () => {
  const cluster = await two();
  cluster.server('a2').cloneMs = 20_000;
  grow(cluster);
  expect(await cluster.until(() => donorOf(cluster) === 'a1', 10_000)).toBe(true);
  await cluster.restart();
  expect(await cluster.healthy(120_000)).toBe(true);
  expect(new Set(cluster.server('a2').copiedFrom)).toEqual(new Set(['a1']));
  await cluster.stop();
});

test('the donor dies in the middle: of the primary', async () => {
  const cluster = await two();
  cluster.server('a2').cloneMs = 20_000;
  grow(cluster);
  expect(await cluster.until(() => donorOf(cluster) === 'a1', 10_000)).toBe(true);
  cluster.server('a1').endsFor = 'DiskFull';
  cluster.server('a1').kill();
  expect(await cluster.until(() => cluster.server('a2').streaming, 120_000)).toBe(true);
  expect(cluster.server('a2').copiedFrom).toEqual(['a0']);
  expect(donorOf(cluster)).toBeUndefined();
  await cluster.stop();
});

test('an agent that cannot write out what is dirty: of the primary', async () => {
  const cluster = await two();
  cluster.server('a1').checkpointMs = null;
  grow(cluster);
  expect(await cluster.until(() => cluster.server('a2').streaming, 60_000)).toBe(true);
  expect(cluster.server('a2').copiedFrom).toEqual(['a0']);
  await cluster.stop();
});

test('an agent that does not know of donors: of the primary, and nobody is alarmed', async () => {
  const cluster = await two();
  cluster.server('a2').knowsDonors = false;
  grow(cluster);
  expect(await cluster.until(() => cluster.server('a2').streaming, 60_000)).toBe(true);
  expect(cluster.server('a2').copiedFrom).toEqual(['a0']);
  expect(cluster.events.filter(({ code }) => code === 'RejoinNeeded')).toEqual([]);
  await cluster.stop();
});

/** What the record said of a2's way back, each thing that changed it. */
const wayBack = (cluster: SimulatedCluster): readonly string[] => {
  const entries = cluster.stores.history.flatMap((record) => record.rejoining.filter(({ member }) => member === 'a2'));
  const said = entries.map(({ donor, problem }) => `${donor ?? 'primary'}: ${problem}`);
  return said.filter((line, index) => line !== said[index - 1]);
};

test('an agent that does not know of donors, and a copy that fails: refused once, and told once', async () => {
  const cluster = await two();
  const member = cluster.server('a2');
  member.knowsDonors = false;
  member.copyFails = () => ({ code: 'Failed', message: `no slot after 0/${cluster.clock.monotonic()}` });
  grow(cluster);
  expect(await cluster.until(() => member.copiesAsked.length >= 8, 300_000)).toBe(true);
  expect(member.copiesAsked.slice(0, 4)).toEqual(['a1', 'a0', 'a0', 'a0']);
  expect(new Set(member.copiesAsked.slice(1))).toEqual(new Set(['a0']));
  // Whoever comes after this operator does not ask again.
  await cluster.restart();
  const asked = member.copiesAsked.length;
  expect(await cluster.until(() => member.copiesAsked.length >= asked + 2, 300_000)).toBe(true);
  expect(new Set(member.copiesAsked.slice(1))).toEqual(new Set(['a0']));
  expect(wayBack(cluster)).toHaveLength(4);
  expect(cluster.events.filter(({ code }) => code === 'RejoinNeeded')).toHaveLength(1);
  member.copyFails = null;
  expect(await cluster.healthy(60_000)).toBe(true);
  await cluster.stop();
});

test('no room for a copy: the same donor, told once, with pauses; and done when there is room', async () => {
  const cluster = await two();
  const member = cluster.server('a2');
  member.copyFails = () => ({ code: 'DiskFull', message: 'ENOSPC: no space left on device, write' });
  grow(cluster);
  expect(await cluster.until(() => member.copiesAsked.length >= 4, 300_000)).toBe(true);
  const [from, before] = [cluster.clock.monotonic(), member.copiesAsked.length];
  await cluster.until(() => cluster.clock.monotonic() - from > 120_000, 200_000);
  expect(member.copiesAsked.length - before).toBeLessThanOrEqual(20);
  expect(new Set(member.copiesAsked)).toEqual(new Set(['a1']));
  expect(wayBack(cluster)).toHaveLength(3);
  member.copyFails = null;
  expect(await cluster.healthy(60_000)).toBe(true);
  expect(member.copiedFrom).toEqual(['a1']);
  await cluster.stop();
});

test('no room where the donor is: of the primary, in the same try', async () => {
  const cluster = await two();
  const member = cluster.server('a2');
  const full = { code: 'DiskFull', message: 'could not write to file "base/pgsql_tmp": No space left on device' };
  member.copyFails = (source) => (source === 'a1' ? full : null);
  grow(cluster);
  expect(await cluster.until(() => member.streaming, 60_000)).toBe(true);
  expect(member.copiesAsked).toEqual(['a1', 'a0']);
  await cluster.stop();
});

test('the primary is lost while a member is copied of the only replica: that takes over, and nothing is lost', async () => {
  const cluster = await two();
  cluster.server('a2').cloneMs = 20_000;
  grow(cluster);
  expect(await cluster.until(() => donorOf(cluster) === 'a1', 10_000)).toBe(true);
  expect(cluster.write()).toBe(true);
  cluster.server('a0').end();
  expect(await cluster.until(() => cluster.record.primary === 'a1' && cluster.write(), 60_000)).toBe(true);
  expect(cluster.lost()).toEqual([]);
  await cluster.stop();
});
