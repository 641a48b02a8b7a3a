import { expect, test } from 'vitest';
import { messageIds } from './message-ids.ts';

test.each([
  ['', []],
  ['<a@b>', ['a@b']],
  ['<a@b>\r\n <c@d><e@f>, text', ['a@b', 'c@d', 'e@f']],
  ['<"01KF8JCEOCBS0045PS"@xxx.yyy.com>', ['01KF8JCEOCBS0045PS@xxx.yyy.com']],
  ['<"a\\"b c>"@d>', ['a"b c>@d']],
  ['message of Ann <ann> from Monday', []],
  ['<no at> <@b> <a@> <a@b', []],
  ['<A@b> <a@b>', ['A@b', 'a@b']],
])('%j', (field, ids) => {
  expect(messageIds(field)).toEqual(ids);
});

test.each(['<', '<"', '<"a', '<a@b', '"', '<a"\\', '<"\\"'])('costs little where a sender repeats %j', (piece) => {
  const began = performance.now();
  messageIds(piece.repeat(200_000));
  expect(performance.now() - began).toBeLessThan(2000);
});
