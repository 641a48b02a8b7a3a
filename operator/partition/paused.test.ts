import { expect, test, vi } from 'vitest';
import { SIMULATED, startSimulation } from '../test-support/simulated-cluster.ts';

// Minutes of virtual time: seconds of a quiet machine, more of a busy one.
vi.setConfig({ testTimeout: 60_000 });

// Promise: a paused partition is served like any other; only who is primary and who follows whom is left to people.

test('everything is started again paused: the primary is granted and takes writes', async () => {
  const cluster = await startSimulation();
  await cluster.stop();
  for (const server of cluster.servers) {
    server.kill();
    if (server.role === 'primary') server.state = 'running';
  }
  cluster.change({ paused: true });
  expect(cluster.write()).toBe(false);
  await cluster.start();
  expect(await cluster.until(() => cluster.record.phase === 'Paused' && cluster.write(), 60_000)).toBe(true);
  expect(cluster.record).toMatchObject({ epoch: 1, primary: 'a0' });
  await cluster.stop();
});

test('its primary dies with its host: nobody is promoted, not even for a person, until the pause ends', async () => {
  const cluster = await startSimulation();
  cluster.write();
  cluster.change({ paused: true });
  await cluster.restart();
  await cluster.until(() => cluster.record.phase === 'Paused', 60_000);
  cluster.primary.kill();
  cluster.primary.agentUp = false;
  await cluster.until(() => cluster.record.phase === 'Blocked', 60_000);
  expect(cluster.record.conditions.find(({ type }) => type === 'FailoverBlocked')).toMatchObject({
    status: 'True',
    reason: 'Paused',
  });
  let answer: unknown = null;
  void cluster.operator.requestFailover(SIMULATED, { acceptDataLoss: true }).then((outcome) => {
    answer = outcome;
  });
  await cluster.until(() => answer !== null, 60_000);
  expect(answer).toMatchObject({ ok: false, code: 'Paused' });
  expect(cluster.record.epoch).toBe(1);
  cluster.change({ paused: false });
  await cluster.restart();
  expect(await cluster.until(() => cluster.record.epoch === 2 && cluster.write(), 60_000)).toBe(true);
  expect(cluster.lost()).toEqual([]);
  await cluster.stop();
});
