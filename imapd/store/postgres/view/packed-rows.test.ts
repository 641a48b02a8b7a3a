import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NumberReader } from './number-reader.ts';
import { readNumbers, Unpacking, unpackRows } from './packed-rows.ts';

const numbers = fc.array(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }));

test('an array in PostgreSQL text becomes numbers', () => {
  fc.assert(
    fc.property(numbers, (all) => {
      expect([...readNumbers(`{${all.join(',')}}`, new Float64Array(all.length))]).toEqual(all);
    }),
  );
});

test('a text cut anywhere gives the same numbers', () => {
  fc.assert(
    fc.property(numbers, fc.integer({ min: 1, max: 9 }), (all, size) => {
      const into = new Float64Array(all.length);
      const reader = new NumberReader(into);
      const text = `{${all.join(',')}}`;
      for (let at = 0; at < text.length; at += size) reader.read(text.slice(at, at + size));
      reader.end();
      expect([...into]).toEqual(all);
    }),
  );
});

const nothing = { flags: null, keywords_low: null, keywords_high: null };

test('an empty mailbox has no arrays', () => {
  const rows = unpackRows({ ...nothing, count: 0, uids: null, modseqs: null });
  expect(rows.uids.length).toBe(0);
});

test('what nobody has set is not sent', () => {
  const rows = unpackRows({ ...nothing, count: 2, uids: '{41,43}', modseqs: '{7,8}' });
  expect([...rows.uids]).toEqual([41, 43]);
  expect([...rows.flags, ...rows.keywordsLow, ...rows.keywordsHigh]).toEqual([0, 0, 0, 0, 0, 0]);
});

test('a part never passes for the whole', () => {
  expect(() => readNumbers('{1,2}', new Uint32Array(3))).toThrow(RangeError);
  expect(() => readNumbers('{1,2,3}', new Uint32Array(2))).toThrow(RangeError);
  expect(() => readNumbers('{1,2', new Uint32Array(2))).toThrow(RangeError);
  expect(() => unpackRows({ ...nothing, count: 1, uids: null, modseqs: '{1}' })).toThrow(RangeError);
  expect(() => unpackRows({ ...nothing, count: 1, uids: '{1}', modseqs: null })).toThrow(RangeError);
  expect(() => unpackRows({ ...nothing, count: 2, uids: '{1,2}', modseqs: '{1,2}', flags: '{1}' })).toThrow(RangeError);
});

test('pieces that come out of turn are refused', () => {
  const unpacking = new Unpacking(2);
  unpacking.read('uids', '{1,');
  expect(() => unpacking.read('uids', '2}', 7)).toThrow(RangeError);
});
