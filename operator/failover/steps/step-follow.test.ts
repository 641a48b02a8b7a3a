import { expect, test, vi } from 'vitest';
import { memberName } from '#contract/names.ts';
import type { RequestOutcome } from '../../core.ts';
import { SIMULATED, type SimulatedCluster, startSimulation } from '../../test-support/simulated-cluster.ts';

// Promise: a replica that follows the successor already, while that is being promoted, is not asked for it a second time, for which
// everybody would wait; one that could not is.

vi.setConfig({ testTimeout: 60_000 });

/** A switchover from a0 to a2. @param failures how often a1 fails to follow @returns how often it was told to until writing went on */
async function toldToFollow(failures: number): Promise<number> {
  const cluster: SimulatedCluster = await startSimulation();
  await cluster.until(() => false, 3_000);
  expect(cluster.write()).toBe(true);
  let told = 0;
  cluster.server('a1').answers = (kind) => {
    if (kind !== 'follow') return null;
    told += 1;
    return told > failures ? null : { ok: false, failure: 'failed', code: 'Failed', message: 'not now' };
  };
  let outcome: RequestOutcome | null = null;
  void cluster.operator.requestSwitchover(SIMULATED, memberName('a2')).then((answer) => {
    outcome = answer;
  });
  await cluster.until(() => outcome !== null, 60_000);
  expect(outcome).toMatchObject({ ok: true, primary: 'a2' });
  expect(cluster.server('a1')).toMatchObject({ upstream: 'a2', streaming: true });
  expect(cluster.write()).toBe(true);
  expect(cluster.lost()).toEqual([]);
  await cluster.stop();
  return told;
}

test('it follows ahead, and is told once', async () => {
  expect(await toldToFollow(0)).toBe(1);
});

test('it could not, and is told again', async () => {
  expect(await toldToFollow(1)).toBe(2);
});
