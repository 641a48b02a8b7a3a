import { expect, test } from 'vitest';
import { faultOfNewName } from './new-mailbox-name.ts';

test.each(['a', 'a/b', 'Entwürfe/été', 'x'.repeat(255), `${'a/'.repeat(31)}a`, 'a & b', '.hidden', ' '])(
  '%s may be made',
  (name) => expect(faultOfNewName(name)).toBeNull(),
);

test.each([
  '',
  '/',
  '/a',
  'a//b',
  'a/',
  'x'.repeat(256),
  'é'.repeat(128),
  `${'a/'.repeat(32)}a`,
  'a*',
  '100%',
  'a\ud800',
])('%s may not be made', (name) => expect(faultOfNewName(name)).toEqual(expect.any(String)));
