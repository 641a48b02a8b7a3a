import { expect, test } from 'vitest';
import { OwnWrites } from './own-writes.ts';

const object = (resourceVersion: string) => ({ metadata: { namespace: 'mail', name: 'one', resourceVersion } });
const KEY = 'mail/one';

test('what was written counts until something newer is heard', () => {
  const own = new OwnWrites();
  const heard = object('5');
  own.written(object('7'));
  expect(own.newest(KEY, heard, '5')).toEqual(object('7'));
  expect(own.newest(KEY, object('7'), '7')).toEqual(object('7'));
  own.written(object('10'));
  // Where an earlier write of another comes first, that is not the newest.
  expect(own.newest(KEY, object('9'), '9')).toEqual(object('10'));
  expect(own.newest(KEY, object('11'), '11')).toEqual(object('11'));
});

test('of two answers that come the wrong way round the newer counts', () => {
  const own = new OwnWrites();
  own.written(object('8'));
  own.written(object('7'));
  expect(own.newest(KEY, object('5'), '5')).toEqual(object('8'));
});

test('an answer that comes later than the news of it, or than later news, changes nothing', () => {
  const own = new OwnWrites();
  own.written(object('7'));
  expect(own.newest(KEY, object('9'), '9')).toEqual(object('9'));
  expect(own.newest(KEY, object('9'), '9')).toEqual(object('9'));
});

test('what was made is there before it is heard of, and not after its deletion', () => {
  const own = new OwnWrites();
  own.written(object('3'));
  expect(own.newest(KEY, undefined, '2')).toEqual(object('3'));
  expect(own.newest(KEY, undefined, '4')).toBeUndefined();
});

test('an answer to the making of something that comes after the news of its deletion does not bring it back', () => {
  const own = new OwnWrites();
  own.written(object('3'));
  expect(own.newest(KEY, undefined, '5')).toBeUndefined();
});

test('the news of the deletion of what had the name before does not take away what was made since', () => {
  const own = new OwnWrites();
  own.written(object('8'));
  expect(own.newest(KEY, undefined, '7')).toEqual(object('8'));
});

test('versions that are no numbers: what is heard counts', () => {
  const own = new OwnWrites();
  own.written(object('b'));
  expect(own.newest(KEY, object('a'), 'a')).toEqual(object('a'));
});
