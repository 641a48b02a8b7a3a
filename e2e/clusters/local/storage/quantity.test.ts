import { expect, test } from 'vitest';
import { quantity } from './quantity.ts';

test.each([
  ['0', 0],
  ['1024', 1024],
  ['20Gi', 20 * 2 ** 30],
  ['1.5Gi', 1.5 * 2 ** 30],
  ['500M', 5e8],
  ['1e9', 1e9],
])('%s', (text, bytes) => expect(quantity(text)).toBe(bytes));

test.each(['', 'Gi', '1 Gi', '1Xi', '-1'])('%j is none', (text) => expect(() => quantity(text)).toThrow(RangeError));
