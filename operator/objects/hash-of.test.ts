import { expect, test } from 'vitest';
import { hashOf } from './hash-of.ts';

test('the order of fields does not count, their values and the order of lists do', () => {
  expect(hashOf({ a: 1, b: { c: 2, d: 3 } })).toBe(hashOf({ b: { d: 3, c: 2 }, a: 1 }));
  expect(hashOf({ a: 1 })).not.toBe(hashOf({ a: 2 }));
  expect(hashOf([1, 2])).not.toBe(hashOf([2, 1]));
});
