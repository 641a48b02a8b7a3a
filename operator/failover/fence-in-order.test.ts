import { expect, test, vi } from 'vitest';
import { memberName } from '#contract/names.ts';
import type { RequestOutcome } from '../core.ts';
import type { RecordStore } from '../ports.ts';
import { SIMULATED, type SimulatedCluster, startSimulation } from '../test-support/simulated-cluster.ts';

// Seconds of virtual time: less of a quiet machine, more of a busy one.
vi.setConfig({ testTimeout: 60_000 });

test('an API server that does not take the end of writing at first: the change goes on, and nothing is lost', async () => {
  const cluster = await startSimulation();
  await cluster.until(() => false, 3_000);
  expect(cluster.write()).toBe(true);
  const { save } = cluster.stores.records;
  let refused = 0;
  const refusing: RecordStore['save'] = async (partition, record, expected) => {
    const { operation } = record;
    if (operation?.step !== 'fence' || operation.mark === null || refused === 3)
      return await save(partition, record, expected);
    refused += 1;
    throw new Error('the API server is starting');
  };
  Object.assign(cluster.stores.records, { save: refusing });
  let outcome: RequestOutcome | null = null;
  void cluster.operator.requestSwitchover(SIMULATED, memberName('a2')).then((answer) => {
    outcome = answer;
  });
  await cluster.until(() => outcome !== null, 60_000);
  expect(refused).toBe(3);
  expect(outcome).toEqual({ ok: true, primary: 'a2', epoch: 2 });
  expect(cluster.write()).toBe(true);
  expect(cluster.lost()).toEqual([]);
  await cluster.stop();
});

/** What each agent was told, in order. */
function orders(cluster: SimulatedCluster): readonly string[] {
  const told: string[] = [];
  for (const server of cluster.servers)
    server.answers = (kind) => {
      told.push(`${server.name} ${kind}`);
      return null;
    };
  return told;
}

async function switchedTo(cluster: SimulatedCluster, to: string): Promise<RequestOutcome | null> {
  let outcome: RequestOutcome | null = null;
  void cluster.operator.requestSwitchover(SIMULATED, memberName(to)).then((answer) => {
    outcome = answer;
  });
  await cluster.until(() => outcome !== null, 60_000);
  return outcome;
}

test.each(['mariadb', 'mysql'] as const)('%s: the old primary is fenced, not stopped, and follows', async (engine) => {
  const cluster = await startSimulation({ engine });
  await cluster.until(() => false, 3_000);
  expect(cluster.write()).toBe(true);
  const told = orders(cluster);
  const old = cluster.server('a0');
  expect(await switchedTo(cluster, 'a2')).toEqual({ ok: true, primary: 'a2', epoch: 2 });
  expect(old).toMatchObject({ state: 'running', grantedEpoch: null });
  expect(told.indexOf('a0 fence')).toBeLessThan(told.indexOf('a2 detach'));
  expect(told).not.toContain('a0 stop');
  await cluster.until(() => old.streaming, 60_000);
  expect(old.upstream).toBe('a2');
  expect(cluster.write()).toBe(true);
  expect(cluster.lost()).toEqual([]);
  await cluster.stop();
});

test('an agent of before cannot wait for what was written last: the old primary is stopped first', async () => {
  const cluster = await startSimulation({ engine: 'mysql' });
  await cluster.until(() => false, 3_000);
  expect(cluster.write()).toBe(true);
  cluster.server('a2').knowsMarks = false;
  const told = orders(cluster);
  expect(await switchedTo(cluster, 'a2')).toEqual({ ok: true, primary: 'a2', epoch: 2 });
  expect(told.filter((order) => order === 'a0 stop')).toHaveLength(1);
  expect(told.indexOf('a0 stop')).toBeLessThan(told.indexOf('a2 promote'));
  expect(cluster.write()).toBe(true);
  expect(cluster.lost()).toEqual([]);
  await cluster.stop();
});

test('mysql: an old primary that is about to end is stopped once writing goes on', async () => {
  const cluster = await startSimulation({ engine: 'mysql' });
  await cluster.until(() => false, 3_000);
  expect(cluster.write()).toBe(true);
  const told = orders(cluster);
  cluster.server('a0').leave();
  await cluster.until(() => cluster.server('a0').state === 'stopped', 30_000);
  const successor = cluster.servers.find(({ grantedEpoch }) => grantedEpoch === 2);
  expect(told.indexOf(`${successor?.name} grant`)).toBeLessThan(told.indexOf('a0 stop'));
  expect(cluster.write()).toBe(true);
  expect(cluster.lost()).toEqual([]);
  await cluster.stop();
});
