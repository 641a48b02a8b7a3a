import { expect, test } from 'vitest';
import { NonceBook } from './nonce-book.ts';
import { ManualClock } from './test-support/manual-clock.ts';

test('an echo tells when its nonce was issued, once', () => {
  const clock = new ManualClock();
  let n = 0;
  const book = new NonceBook(clock, () => `n${n++}`);
  clock.advance(100);
  const nonce = book.issue();
  clock.advance(900);
  expect(book.redeem(nonce)).toBe(100);
  expect(book.redeem(nonce)).toBeNull();
  expect(book.redeem('never issued')).toBeNull();
});

test('only the newest are remembered', () => {
  let n = 0;
  const book = new NonceBook(new ManualClock(), () => `n${n++}`);
  for (let i = 0; i < 1_000; i += 1) book.issue();
  expect(book.redeem('n0')).toBeNull();
  expect(book.redeem('n999')).toBe(0);
});
