import { expect, test } from 'vitest';
import { mapBits, meanTheSame } from './keyword-mapping.ts';

test('bits are the same where the target begins with the keywords of the source', () => {
  expect(meanTheSame(['a', 'b'], ['a', 'b', 'c'])).toBe(true);
  expect(meanTheSame(['a', 'b'], ['b', 'a'])).toBe(false);
  expect(meanTheSame([], ['a'])).toBe(true);
});

test('only keywords that messages have get bits in the target', () => {
  const mapped = mapBits({ from: ['a', 'b', 'c'], to: ['C'], used: 0b101n });
  expect(mapped).toEqual({
    mapping: { from: [0, 2], to: [1, 0] },
    assigned: { keywords: ['C', 'a'], bits: [1, 0], grown: true },
  });
});

test('a target without room is full', () => {
  const to = Array.from({ length: 62 }, (_, i) => `k${i}`);
  expect(mapBits({ from: ['a'], to, used: 1n })).toBe('full');
  expect(mapBits({ from: ['a'], to, used: 0n })).not.toBe('full');
});
