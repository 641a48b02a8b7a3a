import { beforeEach, expect, test } from 'vitest';
import { VerifiedLogins } from './verified-logins.ts';

let now: number;
let logins: VerifiedLogins;

beforeEach(() => {
  now = 0;
  logins = new VerifiedLogins({ now: () => now, ttlMs: 60_000, key: Buffer.alloc(32, 7) });
});

test('a login is known for a minute, and only with its password', () => {
  logins.remember('ada', 'secret');
  expect(logins.knows('ada', 'secret')).toBe(true);
  expect(logins.knows('ada', 'Secret')).toBe(false);
  expect(logins.knows('bob', 'secret')).toBe(false);
  now = 60_000;
  expect(logins.knows('ada', 'secret')).toBe(false);
});

test('a changed password is forgotten at once', () => {
  logins.remember('ada', 'secret');
  logins.forget('ada');
  expect(logins.knows('ada', 'secret')).toBe(false);
});

test('name and password do not run into each other', () => {
  logins.remember('ada1', '2');
  expect(logins.knows('ada', '12')).toBe(false);
});

test('zero means never, and the memory is bounded', () => {
  const none = new VerifiedLogins({ now: () => 0, ttlMs: 0, key: Buffer.alloc(32) });
  none.remember('ada', 'secret');
  expect(none.knows('ada', 'secret')).toBe(false);
  for (let i = 0; i < 20_500; i += 1) logins.remember(`user-${i}`, 'x');
  expect(logins.size).toBe(20_000);
});
