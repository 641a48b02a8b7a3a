import { expect, test } from 'vitest';
import { VirtualClock } from '../../test-support/virtual-clock.ts';
import { Leadership, LeadershipLost } from './leadership.ts';

test('ends by itself at the deadline, and each renewal moves that on', async () => {
  const clock = new VirtualClock();
  const start = clock.monotonic();
  const leadership = new Leadership(clock, start + 100);
  const watched = leadership.watch();
  expect(leadership.extend(start + 250)).toBe(true);
  await clock.until(() => leadership.signal.aborted, 1_000);
  await watched;
  expect(clock.monotonic()).toBe(start + 250);
  expect(leadership.signal.reason).toBeInstanceOf(LeadershipLost);
  expect(leadership.extend(start + 500)).toBe(false);
  expect(leadership.isHeld()).toBe(false);
});

test('a process that wakes up past the deadline knows it before any timer has fired', () => {
  let now = 0;
  const clock = { now: () => 0, monotonic: () => now, sleep: () => Promise.resolve('elapsed' as const) };
  const leadership = new Leadership(clock, 100);
  leadership.mustBeHeld();
  now = 100;
  expect(() => leadership.mustBeHeld()).toThrow(LeadershipLost);
  expect(leadership.signal.aborted).toBe(true);
});

test('whoever stops it gives the reason', async () => {
  const leadership = new Leadership(new VirtualClock(), Number.POSITIVE_INFINITY);
  const reason = new Error('shut down');
  leadership.end(reason);
  await leadership.watch();
  expect(leadership.signal.reason).toBe(reason);
});
