import { expect, test } from 'vitest';
import { isSameProblem } from './is-same-problem.ts';

test.each<[string | null, string, boolean]>([
  [null, 'Failed: x', false],
  ['Failed: x', 'Failed: x', true],
  ['Failed: x', 'Failed: y', false],
  ['Failed: log 0/3000028 is gone', 'Failed: log 1A/5F is gone', true],
  ['DiskFull: file base/16384/2619', 'DiskFull: file base/5/1259', true],
  ['DiskFull: 12 octets', 'Timeout: 12 octets', false],
])('%s and %s: %s', (before, now, same) => {
  expect(isSameProblem(before, now)).toBe(same);
});
