import { expect, test, vi } from 'vitest';
import { memberName } from '#contract/names.ts';
import type { RequestOutcome } from '../core.ts';
import type { RecordStore } from '../ports.ts';
import { SIMULATED, startSimulation } from '../test-support/simulated-cluster.ts';

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
