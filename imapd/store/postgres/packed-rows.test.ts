import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readNumbers, unpackRows } from './packed-rows.ts';

test('an array in PostgreSQL text becomes numbers', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })), (numbers) => {
      const text = `{${numbers.join(',')}}`;
      expect([...readNumbers(text, new Float64Array(numbers.length))]).toEqual(numbers);
    }),
  );
});

test('an empty mailbox has no arrays', () => {
  const rows = unpackRows({
    count: 0,
    uids: null,
    flags: null,
    keywords_low: null,
    keywords_high: null,
    modseqs: null,
  });
  expect(rows.uids.length).toBe(0);
});

test('a part never passes for the whole', () => {
  expect(() => readNumbers('{1,2}', new Uint32Array(3))).toThrow(RangeError);
  expect(() => readNumbers('{1,2,3}', new Uint32Array(2))).toThrow(RangeError);
});
