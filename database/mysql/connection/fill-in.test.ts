import { expect, test } from 'vitest';
import { fillIn, literal } from './fill-in.ts';
import type { Value } from './statement.ts';

/** Promise: a value in a statement is a literal and nothing else, or there is no statement. */
test.each<[Value, string]>([
  [null, 'NULL'],
  [0, '0'],
  [-5, '-5'],
  [2n ** 64n - 1n, '18446744073709551615'],
  [true, '1'],
  [false, '0'],
  ["a'b", String.raw`'a\'b'`],
  ['\0\n\r\t\b\x1a"\\', String.raw`'\0\n\r\t\b\Z\"\\'`],
  ['é?', "'é?'"],
  [Buffer.from([0, 255]), "x'00ff'"],
  [Buffer.alloc(0), "x''"],
  [new Date('2026-11-01T12:00:00.5Z'), "'2026-11-01 12:00:00.500'"],
  [[1, 'a', Buffer.from('b')], "1, 'a', x'62'"],
  [[], 'NULL'],
])('%s is %s', (value, text) => {
  expect(literal(value)).toBe(text);
});

test.each([[0.5], [Number.NaN], [2 ** 53], [undefined], [{}]])('%s is none', (value) => {
  expect(() => literal(value as Value)).toThrow(TypeError);
});

test('values go where the places are, and what is in them is no place', () => {
  const values = ['?', 1];
  expect(fillIn({ name: 's', text: 'SELECT ? WHERE a = ?', values })).toBe("SELECT '?' WHERE a = 1");
  expect(fillIn({ name: 's', text: 'SELECT 1' })).toBe('SELECT 1');
  expect(() => fillIn({ name: 's', text: 'SELECT ?', values })).toThrow('statement s: 2 values for 1 places');
  expect(() => fillIn({ name: 's', text: 'SELECT ?, ?, ?', values })).toThrow(TypeError);
});
