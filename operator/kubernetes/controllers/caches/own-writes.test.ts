import { expect, test } from 'vitest';
import { OwnWrites } from './own-writes.ts';

const object = (resourceVersion: string) => ({ metadata: { namespace: 'mail', name: 'one', resourceVersion } });
const KEY = 'mail/one';

test('what was written counts until something newer is heard', () => {
  const own = new OwnWrites();
  const heard = object('5');
  own.note(KEY, object('7'), { seen: heard, heard });
  expect(own.newest(KEY, heard)).toEqual(object('7'));
  expect(own.newest(KEY, object('7'))).toEqual(object('7'));
  // Also where an earlier write of another comes first: what is then applied once more changes nothing.
  own.note(KEY, object('9'), { seen: object('7'), heard: object('7') });
  expect(own.newest(KEY, object('8'))).toEqual(object('8'));
  expect(own.newest(KEY, object('7'))).toEqual(object('7'));
});

test('a write on top of a write that was not heard of yet', () => {
  const own = new OwnWrites();
  const heard = object('5');
  own.note(KEY, object('7'), { seen: heard, heard });
  own.note(KEY, object('8'), { seen: object('7'), heard });
  expect(own.newest(KEY, heard)).toEqual(object('8'));
});

test('an answer that comes later than the news of it, or than later news, changes nothing', () => {
  const own = new OwnWrites();
  own.note(KEY, object('7'), { seen: object('5'), heard: object('9') });
  expect(own.newest(KEY, object('9'))).toEqual(object('9'));
});

test('what was made is there before it is heard of, and not after its deletion', () => {
  const own = new OwnWrites();
  own.note(KEY, object('3'), { seen: null, heard: undefined });
  expect(own.newest(KEY, undefined)).toEqual(object('3'));
  own.heard(KEY);
  expect(own.newest(KEY, undefined)).toBeUndefined();
});
