import { expect, test } from 'vitest';
import { SIMULATED, startSimulation } from '../test-support/simulated-cluster.ts';

// Nothing is done that could not be recorded first: without disk space a failover waits, says so, and goes on by itself.

test('without space for the record a failover waits for it, and nobody is promoted meanwhile', async () => {
  const cluster = await startSimulation();
  expect(await cluster.healthy()).toBe(true);
  cluster.write();
  const { records } = cluster.stores;
  const { save } = records;
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  Object.assign(records, { save: () => Promise.reject(full) });
  // With its host: its agent would start it again, which needs no record.
  cluster.primary.kill();
  cluster.primary.agentUp = false;
  const waitingFor = () => cluster.operator.status().find(({ name }) => name === SIMULATED)?.waitingFor;
  expect(await cluster.until(() => waitingFor() === full.message, 60_000)).toBe(true);
  await cluster.until(() => false, 60_000);
  expect(cluster.record).toMatchObject({ epoch: 1, operation: null });
  expect(cluster.servers.flatMap((server) => server.granted)).toEqual(cluster.primary.granted);
  Object.assign(records, { save });
  expect(await cluster.until(() => cluster.record.epoch === 2 && cluster.record.operation === null)).toBe(true);
  expect(cluster.write()).toBe(true);
  expect(cluster.lost()).toEqual([]);
  await cluster.stop();
});
