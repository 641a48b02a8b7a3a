import { expect, test } from 'vitest';
import { reasonAfter } from './reason.ts';

test('what happened since is added', () => {
  expect(reasonAfter('the server ended (SIGKILL)', 'again: b is exited')).toBe(
    'the server ended (SIGKILL); again: b is exited',
  );
});

test('however often it is tried again, what began it and what happened last are told', () => {
  let reason = 'the server ended (SIGKILL)';
  for (let count = 1; count <= 500; count += 1) reason = reasonAfter(reason, `again: attempt ${count}`);
  expect(reason.length).toBeLessThanOrEqual(1_000);
  expect(reason.startsWith('the server ended (SIGKILL); ')).toBe(true);
  expect(reason.endsWith('; again: attempt 500')).toBe(true);
});

test('of words that are too long themselves the beginning is kept', () => {
  const reason = reasonAfter('x'.repeat(2_000), `given up: ${'y'.repeat(2_000)}`);
  expect(reason.length).toBeLessThanOrEqual(1_000);
  expect(reason).toMatch(/^x+; …; given up: y+$/);
  expect(reasonAfter('x'.repeat(2_000))).toBe('x'.repeat(1_000));
});
