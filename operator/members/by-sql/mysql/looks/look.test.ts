import { expect, test } from 'vitest';
import { mayGreet } from './look.ts';

test.each<[Readonly<Record<string, string>> | undefined, boolean]>([
  [undefined, false],
  [{}, false],
  [{ max_connect_errors: '100' }, false],
  [{ max_connect_errors: '4294967295' }, true],
])('greetings with %j: %s', (settings, may) => {
  expect(mayGreet(settings === undefined ? undefined : { settings })).toBe(may);
});
