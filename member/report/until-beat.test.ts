import { expect, test } from 'vitest';
import { momentOf, untilBeat } from './until-beat.ts';

test('agents send at four moments of a second', () => {
  expect([0, 0.1, 0.25, 0.5, 0.99].map(momentOf)).toEqual([0, 0, 250, 500, 750]);
});

test.each([
  { now: 5_000, moment: 0, ms: 1_000 },
  { now: 5_000, moment: 250, ms: 250 },
  { now: 5_250, moment: 250, ms: 1_000 },
  { now: 5_600, moment: 250, ms: 650 },
  // A little late, a little early.
  { now: 5_253, moment: 250, ms: 997 },
  { now: 5_249, moment: 250, ms: 1_001 },
  { now: 100, moment: 750, ms: 650 },
])('at $now, of $moment: in $ms ms', ({ now, moment, ms }) => {
  expect(untilBeat(now, moment)).toBe(ms);
});

test('whatever the clock says, there is a beat within a second or little more', () => {
  for (let now = 0; now < 2_000; now += 1) {
    const wait = untilBeat(now, 750);
    expect(wait).toBeGreaterThanOrEqual(100);
    expect(wait).toBeLessThan(1_100);
  }
});
