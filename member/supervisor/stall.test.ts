import { expect, test } from 'vitest';
import { Stall } from './stall.ts';

test('adds up while the sign stays the same, and begins anew when it changes', () => {
  const stall = new Stall(100);
  expect([stall.look('a', 0), stall.look('a', 50), stall.look('a', 110), stall.look('b', 200)]).toEqual([
    0, 50, 110, 0,
  ]);
});

test('a look that comes late counts no more than the longest step: whoever looks was halted, too', () => {
  const stall = new Stall(100);
  expect([stall.look('a', 0), stall.look('a', 1_000_000)]).toEqual([0, 100]);
});

test('what cannot be told is never held against anybody', () => {
  const stall = new Stall(100);
  expect([stall.look(null, 0), stall.look(null, 90), stall.look('a', 180), stall.look('a', 270)]).toEqual([
    0, 0, 0, 90,
  ]);
});
