import { expect, test } from 'vitest';
import { RecentRanges } from './recent-ranges.ts';

test('what follows directly is one range; what others took is left out', () => {
  const ranges = new RecentRanges();
  ranges.add(5, 9);
  ranges.add(10, 10);
  ranges.add(14, 13);
  ranges.add(20, 22);
  expect(ranges.all).toEqual([
    { first: 5, last: 10 },
    { first: 20, last: 22 },
  ]);
  const uids = Array.from({ length: 25 }, (_, uid) => uid);
  expect(uids.filter((uid) => ranges.has(uid))).toEqual([5, 6, 7, 8, 9, 10, 20, 21, 22]);
});
