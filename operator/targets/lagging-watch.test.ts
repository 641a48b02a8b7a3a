import { expect, test } from 'vitest';
import { startSimulation } from '../test-support/simulated-cluster.ts';
import { LaggingWatch } from './lagging-watch.ts';

/** `a 1`: the process a obeys document 1, and there is a newer one. */
const behind = (words: readonly string[]) =>
  words.map((word) => {
    const [name = '', applied] = word.split(' ');
    return { pod: { name }, applied: Number(applied) };
  });

test('a push that takes a moment is no event; a process that does not obey is one, and so is its end', () => {
  const watch = new LaggingWatch(1_000);
  const seen = [
    [['a 1'], 0],
    [['a 1'], 900],
    [[], 950],
    [['a 1'], 1_000],
    [['a 1', 'b 1'], 2_000],
    [['b 1'], 9_000],
    [[], 9_100],
    [[], 9_200],
  ] as const;
  expect(seen.map(([lagging, now]) => [watch.note(behind(lagging), now), watch.overdue])).toEqual([
    [null, []],
    [null, []],
    [null, []],
    [null, []],
    ['TargetsLagging', ['a']],
    [null, ['b']],
    ['TargetsConverged', []],
    [null, []],
  ]);
});

test('one document after the other, each taken a moment later: nobody is overdue, whenever it is looked', () => {
  const watch = new LaggingWatch(1_000);
  const seen = Array.from({ length: 20 }, (_, index) => watch.note(behind([`a ${index}`]), 250 * index));
  expect(new Set(seen)).toEqual(new Set([null]));
  expect(watch.note(behind(['a 19']), 4_750 + 1_000)).toBe('TargetsLagging');
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
