import { expect, test } from 'vitest';
import { FuzzCases } from './fuzz-cases.ts';

test('a seed makes the same inputs again, and another one others', () => {
  const inputs = (seed: number): string[] => {
    const cases = new FuzzCases(seed);
    return Array.from({ length: 50 }, (_, index) => cases.make(index).octets.toString('latin1'));
  };
  const first = inputs(1);
  expect(inputs(1)).toEqual(first);
  expect(inputs(2)).not.toEqual(first);
});
