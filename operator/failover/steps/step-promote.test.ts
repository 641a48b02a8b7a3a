import { expect, test, vi } from 'vitest';
import { memberName } from '#contract/names.ts';
import type { RequestOutcome } from '../../core.ts';
import { SIMULATED, type SimulatedCluster, startSimulation } from '../../test-support/simulated-cluster.ts';

// Promise: the successor is told to stamp its epoch while replicas still attach to it, and once where they do; one that could not yet is
// told again after they have.

vi.setConfig({ testTimeout: 60_000 });

/** A switchover from a0 to a2. @param failures how often a1 fails to follow @returns who was told what, of the two, in order */
async function told(failures: number): Promise<readonly string[]> {
  const cluster: SimulatedCluster = await startSimulation();
  await cluster.until(() => false, 3_000);
  const commands: string[] = [];
  let failed = 0;
  cluster.server('a2').answers = (kind) => {
    if (kind === 'stamp') commands.push('a2 stamp');
    return null;
  };
  cluster.server('a1').answers = (kind) => {
    if (kind !== 'follow') return null;
    commands.push('a1 follow');
    failed += 1;
    return failed > failures ? null : { ok: false, failure: 'failed', code: 'Failed', message: 'not now' };
  };
  let outcome: RequestOutcome | null = null;
  void cluster.operator.requestSwitchover(SIMULATED, memberName('a2')).then((answer) => {
    outcome = answer;
  });
  await cluster.until(() => outcome !== null, 60_000);
  expect(outcome).toMatchObject({ ok: true, primary: 'a2' });
  expect(cluster.write()).toBe(true);
  expect(cluster.lost()).toEqual([]);
  await cluster.stop();
  return commands;
}

test('it stamps once where all goes well', async () => {
  expect(await told(0)).toEqual(['a1 follow', 'a2 stamp']);
});

test('it is told before anybody follows, and again once somebody does', async () => {
  const commands = await told(3);
  expect(commands.indexOf('a2 stamp')).toBeLessThan(commands.lastIndexOf('a1 follow'));
  expect(commands.lastIndexOf('a2 stamp')).toBeGreaterThan(commands.lastIndexOf('a1 follow'));
});
