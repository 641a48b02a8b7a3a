import { expect, test } from 'vitest';
import { BackOff } from './back-off.ts';

test('doubles up to the cap, between half and whole, and starts over after a success', () => {
  let random = 0;
  const pauses = new BackOff({ firstMs: 100, capMs: 350, random: () => random });
  expect([pauses.next(), pauses.next(), pauses.next(), pauses.next()]).toEqual([50, 100, 175, 175]);
  random = 1;
  expect(pauses.next()).toBe(350);
  pauses.reset();
  expect(pauses.next()).toBe(100);
});
