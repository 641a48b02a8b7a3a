import { expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import { buildInput, type Scene } from '../test-support/build-input.ts';
import { defaultTuning } from '../tuning.ts';
import { pauseAtRest, quietFor } from './pause-at-rest.ts';

// Promise: a partition that is well is left alone; but whatever nobody tells is looked for as soon as before, and that somebody
// says nothing any more is seen in the moment that it counts.

const { resyncMs, restMs, heartbeatTimeoutMs } = defaultTuning;
const ASYNC = { durability: { mode: 'Async', whenDegraded: 'Async' } } as const;

const cases: readonly { readonly name: string; readonly scene: Scene; lagging?: string; readonly pauseMs: number }[] = [
  { name: 'all have just been heard', scene: {}, pauseMs: heartbeatTimeoutMs - 100 + 1 },
  { name: 'one was heard a while ago', scene: { b: { silentMs: 2_400.5 } }, pauseMs: 601 },
  { name: 'one is silent, and all was decided about it', scene: { c: { silentMs: 7_000 } }, pauseMs: restMs },
  { name: 'one was never heard', scene: { c: { gone: 'unseen' } }, pauseMs: restMs },
  { name: 'under leases', scene: { spec: ASYNC }, pauseMs: restMs },
  { name: 'an imapd has not caught up', scene: {}, lagging: 'imapd-0', pauseMs: restMs },
  { name: 'a replica is not read from yet', scene: { record: { target: readersOf(['b']) } }, pauseMs: restMs },
  { name: 'a change is under way, or has just ended', scene: { record: { phase: 'Degraded' } }, pauseMs: resyncMs },
];

test.for(cases)('$name', ({ scene, lagging, pauseMs }) => {
  const { spec, record, observation, tuning } = buildInput(scene);
  const convergence = { lagging: lagging === undefined ? [] : [lagging], overdue: [] };
  const input = { spec, record, observation, convergence, tuning };
  expect(pauseAtRest(input)).toBe(pauseMs);
  // What is to be looked for is not put off further.
  if (record.phase === 'Healthy') expect(quietFor(input)).toBe(pauseMs === restMs ? 0 : pauseMs);
});

function readersOf(names: readonly string[]) {
  return { epoch: 5, writer: memberName('a'), readers: names.map(memberName) };
}
