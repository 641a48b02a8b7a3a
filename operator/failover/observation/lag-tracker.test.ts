import { expect, test } from 'vitest';
import type { AgentReport } from '#contract/agent-report.ts';
import { memberName } from '#contract/names.ts';
import { buildInput } from '../../test-support/build-input.ts';
import { noteAnswers } from '../note-answers.ts';
import { LagTracker } from './lag-tracker.ts';
import type { PodObservation } from './observation.ts';

const { observation } = buildInput();

function report(name: 'a' | 'b', received: string): AgentReport {
  const found = observation.members.get(memberName(name))?.report;
  if (!found?.replication) throw new Error('no report');
  return { ...found, replication: { ...found.replication, received } };
}

const pod = (seen: Partial<PodObservation>): PodObservation => ({
  pod: 'imapd-0',
  epoch: 5,
  ageMs: 500,
  writerReachable: true,
  writerFailure: null,
  held: 0,
  leaseRemainingMs: null,
  ...seen,
});

const lagOf = (tracker: LagTracker) => tracker.lagSeconds().get(memberName('b'));

test('a replica is as old as the newest position of the primary that it has reached', () => {
  const tracker = new LagTracker();
  tracker.note(report('a', '0/10'), true, 1_000);
  tracker.note(report('a', '0/20'), true, 2_000);
  tracker.note(report('a', '0/30'), true, 4_000);
  tracker.note(report('b', '0/25'), false, 4_100);
  expect(lagOf(tracker)).toBe(2);
  tracker.note(report('b', '0/30'), false, 4_200);
  expect(lagOf(tracker)).toBe(0);
});

test('what a replica had before its server was started is no bound where it may lack some of that since', () => {
  const tracker = new LagTracker();
  const lacking = (received: string): AgentReport => {
    const { replication, ...rest } = report('b', received);
    if (replication === null) throw new Error('no replication');
    return { ...rest, replication: { ...replication, mayLack: true } };
  };
  tracker.note(report('a', '0/10'), true, 1_000);
  tracker.note(report('a', '0/20'), true, 4_000);
  tracker.note(report('b', '0/20'), false, 4_100);
  expect(lagOf(tracker)).toBe(0);
  tracker.note(lacking('0/15'), false, 5_000);
  expect(lagOf(tracker)).toBe(3);
  // Before all that is known of the primary.
  tracker.note(lacking('0/5'), false, 5_100);
  expect(lagOf(tracker)).toBeUndefined();
  tracker.note(lacking('0/20'), false, 5_200);
  expect(lagOf(tracker)).toBe(0);
});

test('a transaction of its own brings a replica no nearer', () => {
  const [primary, own] = ['3e11fa47-71ca-11e1-9e33-c80aa9429562', '4350f323-7565-4e59-8763-4b1b83a0ce0e'];
  const tracker = new LagTracker();
  tracker.note(report('a', `${primary}:1-10`), true, 1_000);
  tracker.note(report('a', `${primary}:1-20`), true, 4_000);
  tracker.note(report('b', `${primary}:1-15,${own}:1-9`), false, 4_100);
  expect(lagOf(tracker)).toBe(3);
  tracker.note(report('b', `${primary}:1-20,${own}:1-9`), false, 4_200);
  expect(lagOf(tracker)).toBe(0);
});

test('an idle primary leaves nobody behind', () => {
  const tracker = new LagTracker();
  tracker.note(report('a', '0/10'), true, 1_000);
  tracker.note(report('b', '0/10'), false, 1_100);
  tracker.note(report('a', '0/10'), true, 60_000);
  tracker.note(report('b', '0/10'), false, 60_100);
  expect(lagOf(tracker)).toBe(0);
});

test('silence of the primary freezes the lag: that is the bound on what its death loses', () => {
  const tracker = new LagTracker();
  tracker.note(report('a', '0/10'), true, 1_000);
  tracker.note(report('b', '0/10'), false, 1_100);
  tracker.note(report('a', '0/20'), true, 3_000);
  tracker.note(report('b', '0/10'), false, 90_000);
  expect(lagOf(tracker)).toBe(2);
});

test('its agent silent, imapd still has answers of it: all that while it may have acknowledged', () => {
  const tracker = new LagTracker();
  tracker.note(report('a', '0/10'), true, 1_000);
  tracker.note(report('b', '0/10'), false, 1_100);
  noteAnswers(tracker, { record: { servedEpoch: 5 }, pods: [pod({ writerSilentMs: 100 })], now: 301_600 });
  expect(lagOf(tracker)).toBe(300);
});

test('what an imapd says counts for the epoch that is served, from when it had its last answer', () => {
  const tracker = new LagTracker();
  tracker.note(report('a', '0/10'), true, 1_000);
  tracker.note(report('b', '0/10'), false, 1_100);
  const pods = [
    pod({ writerSilentMs: 100, epoch: 4 }),
    pod({ writerReachable: false, writerSilentMs: null }),
    pod({ writerReachable: false, writerSilentMs: 8_500 }),
  ];
  noteAnswers(tracker, { record: { servedEpoch: 5 }, pods, now: 13_000 });
  expect(lagOf(tracker)).toBe(3);
  // An older version does not say when: it may have been right before.
  noteAnswers(tracker, { record: { servedEpoch: 5 }, pods: [pod({})], now: 13_000 });
  expect(lagOf(tracker)).toBe(11.5);
});

test('a server that hangs is not heard: what its agent repeats of it is old', () => {
  const tracker = new LagTracker();
  tracker.note(report('a', '0/10'), true, 1_000);
  tracker.note(report('b', '0/10'), false, 1_100);
  const hung = report('a', '0/10');
  tracker.note({ ...hung, probe: { ...hung.probe, consecutiveFailures: 3 } }, true, 9_000);
  tracker.note(report('b', '0/10'), false, 9_100);
  noteAnswers(tracker, { record: { servedEpoch: 5 }, pods: [pod({ writerSilentMs: 500 })], now: 9_000 });
  expect(lagOf(tracker)).toBe(7);
});

test.each([10, 60, 600, 3_000])(
  'of hours of writing little is kept: %i s behind is told as a little more',
  (seconds) => {
    const tracker = new LagTracker();
    const HOUR_S = 3_600;
    const at = (second: number): string => `0/${second.toString(16)}`;
    for (let second = 1; second <= HOUR_S; second += 1) tracker.note(report('a', at(second)), true, 1_000 * second);
    tracker.note(report('b', at(HOUR_S - seconds)), false, 1_000 * HOUR_S);
    expect(lagOf(tracker)).toBeGreaterThanOrEqual(seconds);
    expect(lagOf(tracker)).toBeLessThan(1.2 * seconds + 1);
  },
);

test('what nobody measured is unknown, and a new primary begins anew', () => {
  const tracker = new LagTracker();
  expect(lagOf(tracker)).toBeUndefined();
  tracker.note(report('a', '0/10'), true, 1_000);
  tracker.note(report('b', '0/10'), false, 1_100);
  tracker.reset();
  expect(lagOf(tracker)).toBeUndefined();
});
