import { expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import { strangers } from './strangers.ts';

test.each<[string, Record<string, string | null>, string[]]>([
  ['all of one repository', { a: '1', b: '1', c: '1' }, []],
  ['one of another', { a: '1', b: '2', c: '1' }, ['b']],
  ['one of another, one not seen', { a: '1', b: '2', c: null }, []],
  ['each of its own', { a: '1', b: '2', c: '3' }, []],
  ['as many here as there', { a: '1', b: '1', c: '2', d: '2' }, []],
  ['three of five', { a: '1', b: '2', c: '1', d: '3', e: '1' }, ['b', 'd']],
  ['nobody seen', { a: null, b: null }, []],
])('%s', (_, identifiers, expected) => {
  const known = new Map(Object.entries(identifiers).map(([name, value]) => [memberName(name), value]));
  expect([...strangers(known)]).toEqual(expected);
});
