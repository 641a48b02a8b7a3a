import { expect, test } from 'vitest';
import {
  mariadbPositionNumber,
  parseMariadbPosition,
  printMariadbPosition,
  reachesMariadb,
} from './mariadb-position.ts';

test.each([
  ['', ''],
  ['0-1-5', '0-1-5'],
  ['7-101-4711, 0-3-2', '0-3-2,7-101-4711'],
  ['4294967295-4294967295-18446744073709551615', '4294967295-4294967295-18446744073709551615'],
])('%j', (text, printed) => {
  expect(printMariadbPosition(parseMariadbPosition(text))).toBe(printed);
});

test.each(['x', '0-1', '0-1-2-3', '0--1', '0-1-5,', '0-1-5,0-2-6', '0/1', 'a-b-c'])('%j is refused by name', (text) => {
  expect(() => parseMariadbPosition(text)).toThrow(JSON.stringify(text));
});

test.each([
  ['0-1-5', '0-1-5', true],
  ['0-1-5', '0-1-4', true],
  ['0-1-5', '0-1-6', false],
  ['0-1-10', '0-1-9', true],
  ['0-2-5', '0-1-5', true],
  ['0-1-5', '', true],
  ['', '0-1-5', false],
  ['0-1-5', '0-1-5,1-1-1', false],
  ['0-1-5,1-1-1', '1-1-1', true],
])('%j reaches %j: %s', (a, b, expected) => {
  expect(reachesMariadb(parseMariadbPosition(a), parseMariadbPosition(b))).toBe(expected);
});

test('a number for people, beyond what a double holds', () => {
  expect(mariadbPositionNumber(parseMariadbPosition('0-1-9007199254740993,1-1-2'))).toBe(9_007_199_254_740_995n);
  expect(mariadbPositionNumber(parseMariadbPosition(''))).toBe(0n);
});
