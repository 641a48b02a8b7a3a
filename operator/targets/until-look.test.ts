import { expect, test } from 'vitest';
import { untilLook } from './until-look.ts';

test.each([
  { name: 'right at a moment: just after it', now: 1_000_000, wait: 253 },
  { name: 'just before a look: with the one after it', now: 1_000_002, wait: 251 },
  { name: 'at a look: at the next', now: 1_000_003, wait: 250 },
  { name: 'late: at the next all the same', now: 1_000_103, wait: 150 },
  { name: 'so late that two would come at once: one is left out', now: 1_000_240, wait: 263 },
])('looks come just after each quarter of a second: $name', ({ now, wait }) => {
  expect(untilLook(now)).toBe(wait);
});
