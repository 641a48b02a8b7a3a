import { expect, test } from 'vitest';
import type { AgentReport } from '#contract/agent-report.ts';
import { memberName } from '#contract/names.ts';
import { buildInput } from '../test-support/build-input.ts';
import { LagTracker } from './lag-tracker.ts';

const { observation } = buildInput();

function report(name: 'a' | 'b', received: string): AgentReport {
  const found = observation.members.get(memberName(name))?.report;
  if (!found?.replication) throw new Error('no report');
  return { ...found, replication: { ...found.replication, received } };
}

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

test('what nobody measured is unknown, and a new primary begins anew', () => {
  const tracker = new LagTracker();
  expect(lagOf(tracker)).toBeUndefined();
  tracker.note(report('a', '0/10'), true, 1_000);
  tracker.note(report('b', '0/10'), false, 1_100);
  tracker.reset();
  expect(lagOf(tracker)).toBeUndefined();
});
