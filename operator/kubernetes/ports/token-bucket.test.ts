import { expect, test } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

test('so many at once, then one in a time, never more than the burst', () => {
  const bucket = new TokenBucket({ burst: 3, refillMs: 100 }, 0);
  expect([1, 2, 3, 4].map(() => bucket.take(0))).toEqual([true, true, true, false]);
  expect([bucket.take(99), bucket.take(100), bucket.take(101)]).toEqual([false, true, false]);
  expect([bucket.isFull(390), bucket.isFull(402)]).toEqual([false, true]);
  expect([1, 2, 3, 4].map(() => bucket.take(100_000))).toEqual([true, true, true, false]);
});
