import { expect, test } from 'vitest';
import { parseDuration } from './duration.ts';
import { parseQuantity } from './quantity.ts';

test('quantities are bytes or cores', () => {
  expect(['64Mi', '20Gi', '1.5k', '500m', '0', '2'].map(parseQuantity)).toEqual([
    67_108_864, 21_474_836_480, 1_500, 0.5, 0, 2,
  ]);
  for (const wrong of ['', 'Gi', '1 Gi', '-1', '1gi']) expect(() => parseQuantity(wrong)).toThrow(RangeError);
});

test('durations are milliseconds and never without a unit', () => {
  expect(['250ms', '15s', '1m30s', '2h', '0s'].map(parseDuration)).toEqual([250, 15_000, 90_000, 7_200_000, 0]);
  for (const wrong of ['', '5', '1d', '-1s', '1.5s', 's']) expect(() => parseDuration(wrong)).toThrow(RangeError);
});
