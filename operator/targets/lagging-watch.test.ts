import { expect, test } from 'vitest';
import { startSimulation } from '../test-support/simulated-cluster.ts';
import { LaggingWatch } from './lagging-watch.ts';

test('a push that takes a moment is no event; a process that does not obey is one, and so is its end', () => {
  const watch = new LaggingWatch(1_000);
  const seen = [
    [['a'], 0],
    [['a'], 900],
    [[], 950],
    [['a'], 1_000],
    [['a', 'b'], 2_000],
    [['b'], 9_000],
    [[], 9_100],
    [[], 9_200],
  ] as const;
  expect(seen.map(([lagging, now]) => watch.note(lagging, now))).toEqual([
    null,
    null,
    null,
    null,
    'TargetsLagging',
    null,
    'TargetsConverged',
    null,
  ]);
});

test('a process that is cut off during a failover is told of once, and once when it obeys again', async () => {
  const cluster = await startSimulation();
  const told = () =>
    cluster.events.filter(({ code }) => code === 'TargetsLagging' || code === 'TargetsConverged').map((e) => e.code);
  cluster.podUp = false;
  cluster.primary.kill();
  await cluster.until(() => cluster.record.epoch === 2 && cluster.record.operation === null, 60_000);
  await cluster.until(() => false, 10_000);
  expect(told()).toEqual(['TargetsLagging']);
  expect(cluster.events.find(({ code }) => code === 'TargetsLagging')).toMatchObject({
    partition: null,
    fields: { pods: ['imapd-0'] },
  });
  cluster.podUp = true;
  await cluster.until(() => false, 10_000);
  expect(told()).toEqual(['TargetsLagging', 'TargetsConverged']);
  await cluster.stop();
});
