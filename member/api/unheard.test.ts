import { expect, test } from 'vitest';
import { Unheard } from './unheard.ts';

test('a confirmation counts from when its report was sent', () => {
  const unheard = new Unheard();
  unheard.sent(4, 100);
  unheard.sent(7, 200);
  expect(unheard.heard(4)).toBe(100);
  expect(unheard.silentMs(250)).toBe(50);
  expect(unheard.heard(7)).toBe(200);
  expect(unheard.silentMs(900)).toBe(0);
});

test('one confirmation settles the reports before it', () => {
  const unheard = new Unheard();
  for (const sequence of [1, 2, 3]) unheard.sent(sequence, sequence);
  expect(unheard.heard(3)).toBe(3);
  expect(unheard.silentMs(100)).toBe(0);
});

test('a repeated, unknown or senseless confirmation proves nothing', () => {
  const unheard = new Unheard();
  unheard.sent(1, 10);
  expect([unheard.heard(2), unheard.heard(Number.NaN)]).toEqual([null, null]);
  expect(unheard.heard(1)).toBe(10);
  expect(unheard.heard(1)).toBeNull();
});
