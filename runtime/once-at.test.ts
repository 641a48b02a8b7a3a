import { afterEach, expect, test, vi } from 'vitest';
import { onceAt } from './once-at.ts';

const DAY = 24 * 60 * 60 * 1000;
afterEach(() => vi.useRealTimers());

test('runs once at its time, also where that is further away than a timer can wait', () => {
  vi.useFakeTimers();
  const run = vi.fn();
  onceAt(Date.now() + 60 * DAY, run);
  vi.advanceTimersByTime(60 * DAY - 1);
  expect(run).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(run).toHaveBeenCalledTimes(1);
});

test('a time that has passed is now; what was called off never comes', () => {
  vi.useFakeTimers();
  const [late, off] = [vi.fn(), vi.fn()];
  onceAt(Date.now() - DAY, late);
  const callOff = onceAt(Date.now() + 30 * DAY, off);
  vi.advanceTimersByTime(29 * DAY);
  callOff();
  vi.advanceTimersByTime(9 * DAY);
  expect([late.mock.calls.length, off.mock.calls.length]).toEqual([1, 0]);
});
