import { expect, test } from 'vitest';
import { deathsInARow, restartDelay } from './restart-delay.ts';

test('the delay doubles from 100 ms and ends at 10 s', () => {
  expect([1, 2, 3, 7, 8, 50].map(restartDelay)).toEqual([100, 200, 400, 6_400, 10_000, 10_000]);
});

test('a long life makes the next death the first again', () => {
  expect(deathsInARow(5, 29_999)).toBe(6);
  expect(deathsInARow(5, 30_000)).toBe(1);
});
