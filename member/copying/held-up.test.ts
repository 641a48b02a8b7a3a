import { expect, test } from 'vitest';
import { type HeldUp, isDeadlock, lookAgain } from './held-up.ts';

const MEBIBYTE = 1_024 ** 2;

/** Looks every two seconds, until it is to be ended. @returns after how many seconds that is; null: not within the hour */
function endedAfter(sentAt: (second: number) => number | null): number | null {
  let state: HeldUp | null = null;
  for (let second = 0; second <= 3_600; second += 2) {
    state = lookAgain(state, second * 1_000, sentAt(second));
    if (state !== null && isDeadlock(state)) return second;
  }
  return null;
}

test.each([
  ['nothing is held up', () => null, null],
  ['nothing is sent', () => 7, 20],
  ['agents ask', (second: number) => second * 20_000, 20],
  ['the copy gets on for a minute, and waits then', (second: number) => Math.min(second, 60) * 10 * MEBIBYTE, 80],
  ['a replica comes back for a moment', (second: number) => (second === 18 ? null : 0), 40],
  ['something is sent for ever', (second: number) => second * MEBIBYTE, 600],
] as const)('%s', (_, sentAt, seconds) => {
  expect(endedAfter(sentAt)).toBe(seconds);
});

test('by how much was sent, however long nobody looked', () => {
  const first = lookAgain(null, 0, 0);
  expect(lookAgain(first, 10_000, MEBIBYTE)?.stillSince).toBe(0);
  expect(lookAgain(first, 1_000, MEBIBYTE)?.stillSince).toBe(1_000);
});
