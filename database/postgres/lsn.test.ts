import { expect, test } from 'vitest';
import { bigIntToLsn, compareLsn, lsnToBigInt } from './lsn.ts';

test('the halves are one 64-bit number, not text', () => {
  expect(lsnToBigInt('16/B374D848')).toBe(0x16b374d848n);
  expect(compareLsn('9/FFFFFFFF', '10/0')).toBeLessThan(0);
  expect(compareLsn('A/0', '9/FFFFFFFF')).toBeGreaterThan(0);
  expect(compareLsn('0/1', '0/01')).toBe(0);
});

test('anything else is refused by name', () => {
  expect(() => lsnToBigInt('16-B3')).toThrow('"16-B3"');
});

test('a position is written as PostgreSQL writes it', () => {
  for (const lsn of ['0/0', '16/B374D848', '0/3000060', 'FFFFFFFF/FFFFFFFF'])
    expect(bigIntToLsn(lsnToBigInt(lsn))).toBe(lsn);
});
