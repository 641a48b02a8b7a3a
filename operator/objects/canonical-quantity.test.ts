import { expect, test } from 'vitest';
import { parseQuantity } from '#crds/quantity.ts';
import { canonicalAmounts, canonicalQuantity } from './canonical-quantity.ts';

test.each([
  ['20Gi', '20Gi'],
  ['1024Mi', '1Gi'],
  ['1.5Gi', '1536Mi'],
  ['0.5Ki', '512'],
  ['1000m', '1'],
  ['0.5', '500m'],
  ['1.50', '1500m'],
  ['250m', '250m'],
  ['1000', '1k'],
  ['20000M', '20G'],
  ['1024', '1024'],
  ['0.0001', '100u'],
  ['0', '0'],
  ['0Gi', '0'],
])('%s is stored as %s', (text, stored) => {
  expect(canonicalQuantity(text)).toBe(stored);
});

test('the amount stays the same, and what is canonical stays as it is', () => {
  for (const text of ['1.25Gi', '3500m', '0.75', '300000k', '7Ti', '12Mi']) {
    const stored = canonicalQuantity(text);
    expect(parseQuantity(stored)).toBeCloseTo(parseQuantity(text));
    expect(canonicalQuantity(stored)).toBe(stored);
  }
});

test.each(['', '1.', 'Gi', '1 Gi', '-1', '1e3', '1Zi'])('%j is refused', (text) => {
  expect(() => canonicalQuantity(text)).toThrow(RangeError);
});

test('lists are sorted, and no list is better than an empty one', () => {
  expect(JSON.stringify(canonicalAmounts({ memory: '1024Mi', cpu: '0.5' }))).toBe('{"cpu":"500m","memory":"1Gi"}');
  expect(canonicalAmounts({})).toBeUndefined();
});
