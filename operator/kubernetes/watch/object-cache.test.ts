import { expect, test } from 'vitest';
import { ObjectCache } from './object-cache.ts';

const object = (name: string, resourceVersion: string, uid = name) => ({
  metadata: { namespace: 'mail', name, resourceVersion, uid },
});

test('says what is new, what changed and what is gone', () => {
  const cache = new ObjectCache();
  const first = object('a', '1');
  const second = object('a', '2');
  expect(cache.put(first)).toEqual([{ before: null, after: first }]);
  expect(cache.put(second)).toEqual([{ before: first, after: second }]);
  expect(cache.get('mail/a')).toBe(second);
  const last = object('a', '3');
  expect(cache.remove(last)).toEqual([{ before: last, after: null }]);
  expect(cache.remove(last)).toEqual([]);
  expect(cache.list()).toEqual([]);
});

test('what comes twice is no news', () => {
  const cache = new ObjectCache();
  cache.put(object('a', '1'));
  expect(cache.put(object('a', '1'))).toEqual([]);
  expect(cache.replaceAll([object('a', '1')])).toEqual([]);
});

test('a new list tells what was missed: deletions, and another object of the same name', () => {
  const cache = new ObjectCache();
  const [a, b, c] = [object('a', '1'), object('b', '2'), object('c', '3')];
  cache.replaceAll([a, b, c]);
  const other = object('b', '9', 'another');
  expect(cache.replaceAll([other, c])).toEqual([
    { before: a, after: null },
    { before: b, after: null },
    { before: null, after: other },
  ]);
  expect(cache.list()).toHaveLength(2);
});
