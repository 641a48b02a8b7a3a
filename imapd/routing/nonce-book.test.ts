import { expect, test } from 'vitest';
import { NonceBook } from './nonce-book.ts';
import { ManualClock } from './test-support/manual-clock.ts';

test('an echo tells when its nonce was issued, however often it comes', () => {
  const clock = new ManualClock();
  let n = 0;
  const book = new NonceBook(clock, () => `n${n++}`);
  clock.advance(100);
  const nonce = book.issue();
  clock.advance(900);
  expect(book.issuedAt(nonce)).toBe(100);
  expect(book.issuedAt(nonce)).toBe(100);
  expect(book.issuedAt('never issued')).toBeNull();
});

test('only the newest are remembered', () => {
  let n = 0;
  const book = new NonceBook(new ManualClock(), () => `n${n++}`);
  for (let i = 0; i < 1_000; i += 1) book.issue();
  expect(book.issuedAt('n0')).toBeNull();
  expect(book.issuedAt('n999')).toBe(0);
});
