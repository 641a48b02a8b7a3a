import { expect, test } from 'vitest';
import { gapsOf, overlapsOf, parseSlotRange } from './slot-range.ts';

const range = (from: number, to: number, partition: string) => ({ from, to, partition });

test('a slot alone is a range of one', () => {
  expect(parseSlotRange('7')).toEqual({ from: 7, to: 7 });
  expect(parseSlotRange('0-511')).toEqual({ from: 0, to: 511 });
  expect(() => parseSlotRange('x')).toThrow('"x"');
});

test('an overlap is found through a wide range in between', () => {
  expect(overlapsOf([range(0, 100, 'a'), range(10, 20, 'b'), range(50, 60, 'c')])).toEqual([
    { slots: { from: 10, to: 20 }, partitions: ['a', 'b'] },
    { slots: { from: 50, to: 60 }, partitions: ['a', 'c'] },
  ]);
  expect(overlapsOf([range(0, 511, 'a'), range(512, 1023, 'b')])).toEqual([]);
});

test('gaps at the start, in the middle and at the end', () => {
  expect(gapsOf([range(2, 3, 'a'), range(3, 5, 'b'), range(8, 8, 'a')], 10)).toEqual([
    { from: 0, to: 1 },
    { from: 6, to: 7 },
    { from: 9, to: 9 },
  ]);
  expect(gapsOf([], 4)).toEqual([{ from: 0, to: 3 }]);
  expect(gapsOf([range(0, 3, 'a')], 4)).toEqual([]);
});
