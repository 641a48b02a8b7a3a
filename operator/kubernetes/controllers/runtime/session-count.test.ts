import { expect, test } from 'vitest';
import { SessionCount } from './session-count.ts';

test('counts what each pod has said last, and forgets pods that are gone', () => {
  const count = new SessionCount();
  count.note('a', 10);
  count.note('b', 5);
  count.note('a', 12);
  expect(count.total(['a', 'b', 'not-ready'], ['a', 'b'])).toBe(17);
  expect(count.total(['b'], ['b'])).toBe(5);
  expect(count.total(['a', 'b'], ['b'])).toBe(5);
});

test('does not know before all that are ready have said something', () => {
  const count = new SessionCount();
  expect(count.total([], [])).toBe(0);
  count.note('a', 10);
  expect(count.total(['a', 'b'], ['a', 'b'])).toBeNull();
  count.note('b', 0);
  expect(count.total(['a', 'b'], ['a', 'b'])).toBe(10);
});
