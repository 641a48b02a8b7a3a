import { expect, test } from 'vitest';
import { fromLineDate } from './from-line.ts';

test.each([
  ['From ada@example.org Mon Jan  5 10:00:00 2026', '2026-01-05T10:00:00.000Z'],
  ['From ada@example.org Mon Jan 15 1:02 2026\n', '2026-01-15T01:02:00.000Z'],
  ['From - Mon Jan  5 10:00:00 MET 2026', '2026-01-05T10:00:00.000Z'],
  ['From - Mon Jan  5 10:00:00 2026 +0130', '2026-01-05T08:30:00.000Z'],
  ['From 0123456789abcdef Mon Sep 17 00:00:00 2001', '2001-09-17T00:00:00.000Z'],
])('%s', (line, date) => {
  expect(fromLineDate(line)?.toISOString()).toBe(date);
});

test.each([
  'From me to you',
  'From x Mon Foo  5 10:00:00 2026',
  '>From x Mon Jan  5 10:00:00 2026',
  'From x Mon Jan 45 10:00:00 2026',
])('no separator: %s', (line) => {
  expect(fromLineDate(line)).toBeNull();
});
