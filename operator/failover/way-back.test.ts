import { expect, test, vi } from 'vitest';
import type { MemberCommandKind } from '#contract/agent-command.ts';
import type { MemberOutcome } from '../ports.ts';
import { type SimulatedCluster, startSimulation } from '../test-support/simulated-cluster.ts';
import type { SimulatedServer } from '../test-support/simulated-server.ts';

// Promise: on a member's way back nothing is salvaged, rewound or copied for an answer that says nothing of its log or its data.

vi.setConfig({ testTimeout: 60_000 });

/** Not carried out twice. Answers how often it was asked for. */
function refuseTwice(server: SimulatedServer, kind: MemberCommandKind, outcome: MemberOutcome): () => number {
  let asked = 0;
  server.answers = (command) => {
    if (command !== kind) return null;
    asked += 1;
    return asked > 2 ? null : outcome;
  };
  return () => asked;
}

/** The primary of three ends, and another one takes over; `diverged`: it had what no replica has. */
async function failedOver({ diverged }: { diverged: boolean }) {
  const cluster = await startSimulation({ members: 3 });
  const former = cluster.primary;
  expect(cluster.write()).toBe(true);
  expect(await cluster.until(() => cluster.servers.every(({ log }) => log.length === former.log.length))).toBe(true);
  former.end();
  if (diverged) former.log.push({ timeline: former.timeline, id: 'only here' });
  expect(await cluster.until(() => cluster.primary !== former && cluster.record.operation === null)).toBe(true);
  return { cluster, former };
}

const salvaged = (cluster: SimulatedCluster): number => cluster.jobs.filter(({ kind }) => kind === 'salvage').length;
const entryOf = (cluster: SimulatedCluster, { name }: SimulatedServer) =>
  cluster.record.rejoining.find(({ member }) => member === name);
const failure = (kind: 'failed' | 'impossible', code: string): MemberOutcome => ({
  ok: false,
  failure: kind,
  code,
  message: `${code} just now`,
});

test.each([
  ['given up for another command', failure('failed', 'Superseded')],
  ['one that the operator does not know', failure('impossible', 'Unheard')],
])('a follow that is refused, %s, is asked again', async (_, outcome) => {
  const { cluster, former } = await failedOver({ diverged: false });
  const asked = refuseTwice(former, 'follow', outcome);
  former.heal();
  expect(await cluster.healthy()).toBe(true);
  expect(asked()).toBeGreaterThanOrEqual(3);
  expect(salvaged(cluster)).toBe(0);
  expect(former.copiesAsked).toEqual([]);
  await cluster.stop();
});

test.each([
  ['without room', failure('failed', 'DiskFull')],
  ['given up for another command', failure('failed', 'Superseded')],
])('a rewind %s is asked again, not a copy', async (_, outcome) => {
  const { cluster, former } = await failedOver({ diverged: true });
  const asked = refuseTwice(former, 'rewind', outcome);
  former.heal();
  expect(await cluster.until(() => asked() === 2)).toBe(true);
  expect(former.copiesAsked).toEqual([]);
  expect(await cluster.until(() => (entryOf(cluster, former)?.problem ?? null) !== null)).toBe(true);
  expect(entryOf(cluster, former)).toMatchObject({ step: 'rewind' });
  // The third answer is that this server cannot rewind.
  expect(await cluster.healthy()).toBe(true);
  expect(salvaged(cluster)).toBe(1);
  expect(former.copiesAsked).not.toEqual([]);
  await cluster.stop();
});

test('what only a former primary has is shown until it is copied anew, which it is not before it was salvaged', async () => {
  const { cluster, former } = await failedOver({ diverged: true });
  const { runJob } = cluster;
  cluster.runJob = async () => ({ ok: false, message: 'no such table' });
  former.tellsErrant = '1 transaction: 0-1-7';
  const shown = () => cluster.record.members.find(({ name }) => name === former.name)?.errant;
  const alarm = () => cluster.record.conditions.find(({ type }) => type === 'RejoinNeeded')?.message;
  former.heal();
  expect(
    await cluster.until(() => alarm()?.endsWith('no such table; it alone has 1 transaction: 0-1-7') === true),
  ).toBe(true);
  expect(shown()).toBe('1 transaction: 0-1-7');
  expect(former.copiesAsked).toEqual([]);
  cluster.runJob = runJob;
  expect(await cluster.healthy()).toBe(true);
  const finished = cluster.events.find(({ code }) => code === 'SalvageFinished');
  expect(finished?.fields).toMatchObject({ member: former.name, errant: '1 transaction: 0-1-7' });
  expect(former.copiesAsked).not.toEqual([]);
  expect(shown()).toBeUndefined();
  await cluster.stop();
});
