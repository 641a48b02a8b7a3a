import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asText, members } from './mysql/gtid/test-support/arbitrary-set.ts';
import { comparePosition, holdsPosition, positionNumber } from './position.ts';

const A = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const B = '4350f323-7565-4e59-8763-4b1b83a0ce0e';

test.each([
  ['9/FFFFFFFF', '10/0', -1],
  ['16/B374D848', '16/B374D848', 0],
  ['A/0', '9/FFFFFFFF', 1],
  ['0-1-9', '0-1-10', -1],
  ['0-1-9', '0-2-9', 0],
  ['7-103-12', '7-101-11', 1],
  [`${A}:1-9`, `${A}:1-10`, -1],
  [`${A}:1-9`, `${A}:1-5:6-9`, 0],
  [`${A}:1-9,${B}:1`, `${A}:1-9`, 1],
  [`${A}:1-9`, `${A}:1-9,\n${B}:1`, -1],
  ['', '', 0],
  ['', '0-1-1', -1],
  [`${A}:1`, '', 1],
])('%j against %j: %i', (a, b, order) => {
  expect(comparePosition(a, b)).toBe(order);
  expect(comparePosition(b, a)).toBe(order === 0 ? 0 : -order);
  expect(holdsPosition(a, b)).toBe(order >= 0);
  expect(holdsPosition(b, a)).toBe(order <= 0);
});

test('a transaction of its own is ahead of nobody’s data', () => {
  const [own, more] = [`${A}:1-9,${B}:1-5`, `${A}:1-10`];
  expect(comparePosition(own, more)).toBe(1);
  expect(holdsPosition(own, more)).toBe(false);
  expect(holdsPosition(more, own)).toBe(false);
});

test.each([
  ['16/B374D848', 0x16b374d848n],
  ['0-1-4711', 4711n],
  [`${A}:1-4711,${B}:3`, 4712n],
  ['', 0n],
])('%j is the number %s', (position, number) => {
  expect(positionNumber(position)).toBe(number);
});

test.each(['now', '16-B3', '0/1/2', `${A}`, `${A}:x-`])('%j is refused by name', (text) => {
  expect(() => positionNumber(text)).toThrow(JSON.stringify(text));
});

test('positions of two engines are not compared', () => {
  for (const [a, b] of [['0/1', '0-1-1'] as const, ['0-1-1', `${A}:1`] as const, [`${A}:1`, '0/1'] as const]) {
    expect(() => comparePosition(a, b)).toThrow('two engines');
    expect(() => holdsPosition(a, b)).toThrow('two engines');
  }
});

const lsn = fc.tuple(fc.nat(3), fc.nat(3)).map(([high, low]) => `${high.toString(16)}/${low.toString(16)}`);
const mariadb = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.nat(5)).map(([server, number]) => `0-${server}-${number}`);
const three = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<[T, T, T]> => fc.tuple(of, of, of);

test('an order in which whoever holds more is later', () => {
  const positions = fc.oneof(three(lsn), three(mariadb), three(members.map(asText)));
  const property = fc.property(positions, ([a, b, c]) => {
    expect(comparePosition(a, b)).toBe(-comparePosition(b, a) + 0);
    if (comparePosition(a, b) <= 0 && comparePosition(b, c) <= 0) expect(comparePosition(a, c)).toBeLessThanOrEqual(0);
    if (holdsPosition(a, b)) expect(comparePosition(a, b)).toBeGreaterThanOrEqual(0);
    if (holdsPosition(a, b) && holdsPosition(b, a)) expect(comparePosition(a, b)).toBe(0);
    expect(comparePosition(a, b) > 0).toBe(positionNumber(a) > positionNumber(b));
  });
  fc.assert(property);
});
