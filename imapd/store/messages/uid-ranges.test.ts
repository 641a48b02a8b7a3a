import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Uid } from '../types.ts';
import { readUids, uidRanges, writeUids } from './uid-ranges.ts';

const uids = (...numbers: number[]) => numbers as Uid[];

test('consecutive UIDs are one range, in whatever order they come', () => {
  expect(uidRanges(uids(3, 1, 2, 7, 2))).toEqual({ from: [1, 7], to: [3, 7] });
  expect(uidRanges([])).toEqual({ from: [], to: [] });
  expect(uidRanges(uids(4294967294, 4294967295))).toEqual({ from: [4294967294], to: [4294967295] });
});

test('the text gives the same set back', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 300 })), (numbers) => {
      const set = [...new Set(numbers)].sort((a, b) => a - b);
      expect(readUids(writeUids(numbers as Uid[]))).toEqual(set);
    }),
  );
});

test('anything else is refused', () => {
  expect(() => readUids('5:1')).toThrow(RangeError);
  expect(() => readUids('x')).toThrow(RangeError);
});
