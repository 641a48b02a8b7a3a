import { expect, test } from 'vitest';
import { UpstreamSilence } from './upstream-silence.ts';

test('counts from when something new was seen', () => {
  const silence = new UpstreamSilence();
  expect(silence.note('1', 1_000)).toBe(0);
  expect(silence.note('1', 1_400)).toBe(400);
  expect(silence.note('2', 1_900)).toBe(0);
  expect(silence.note('2', 5_000)).toBe(3_100);
  silence.forget();
  expect(silence.note('2', 6_000)).toBe(0);
});
