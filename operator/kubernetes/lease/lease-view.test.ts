import { expect, test } from 'vitest';
import { LeaseView } from './lease-view.ts';

const held = (version: string) => ({ holder: 'other', durationMs: 5_000, version });

test('a lease is respected for its whole length from when it was first seen, and anew at each renewal', () => {
  const view = new LeaseView();
  expect(view.mayTake('me', 0)).toBe(false);
  view.see(held('1'), 1_000);
  view.see(held('1'), 4_000);
  expect(view.mayTake('me', 5_999)).toBe(false);
  expect(view.mayTake('me', 6_000)).toBe(true);
  view.see(held('2'), 5_999);
  expect(view.mayTake('me', 10_998)).toBe(false);
  expect(view.mayTake('me', 10_999)).toBe(true);
});

test('one that was handed back, or is our own, is free at once', () => {
  const view = new LeaseView();
  view.see({ ...held('1'), holder: '' }, 0);
  expect(view.mayTake('me', 0)).toBe(true);
  view.see({ ...held('2'), holder: 'me' }, 0);
  expect(view.mayTake('me', 0)).toBe(true);
});
