import { expect, test } from 'vitest';
import { assignKeywords, keywordMask } from './keywords.ts';

test('a keyword keeps its bit and its first spelling', () => {
  expect(assignKeywords(['$Junk', 'Work'], ['work', '$new', 'WORK'])).toEqual({
    keywords: ['$Junk', 'Work', '$new'],
    bits: [1, 2, 1],
    grown: true,
  });
  expect(assignKeywords(['a'], ['A'])).toMatchObject({ grown: false });
});

test('the 63rd keyword is refused', () => {
  const existing = Array.from({ length: 62 }, (_, i) => `k${i}`);
  expect(assignKeywords(existing, ['k61'])).not.toBe('full');
  expect(assignKeywords(existing, ['another'])).toBe('full');
});

test('masks reach the highest bit', () => {
  expect(keywordMask([0, 61])).toBe((1n + 2n ** 61n).toString());
});
