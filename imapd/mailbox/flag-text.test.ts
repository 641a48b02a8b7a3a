import { expect, it } from 'vitest';
import { FlagText } from './flag-text.ts';

const keywords = Array.from({ length: 40 }, (_, bit) => `k${bit}`);

it.each([
  [{ system: 0, keywordsLow: 0, keywordsHigh: 0, recent: false }, ''],
  [
    { system: 31, keywordsLow: 0, keywordsHigh: 0, recent: true },
    '\\Seen \\Answered \\Flagged \\Deleted \\Draft \\Recent',
  ],
  [{ system: 1, keywordsLow: 0b101, keywordsHigh: 0, recent: false }, '\\Seen k0 k2'],
  // 31 keywords a word: bit 30 is the last of the first, bit 31 the first of the second.
  [{ system: 0, keywordsLow: 1 << 30, keywordsHigh: 1, recent: false }, 'k30 k31'],
  [{ system: 0, keywordsLow: 0, keywordsHigh: 1 << 8, recent: true }, '\\Recent k39'],
])('%o', (flags, text) => {
  const writer = new FlagText(keywords);
  expect(writer.of(flags)).toBe(text);
  expect(writer.of(flags)).toBe(text);
});
