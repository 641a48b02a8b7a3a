import { expect, test } from 'vitest';
import { canonicalIdentifier, groupIdentifier, identifiersOf, isGroup, namesUser } from './identifiers.ts';

test('who is in groups has their entries, those that take away too', () => {
  expect(identifiersOf('ann', ['$staff'])).toEqual(['ann', '$staff', 'anyone', '-ann', '-$staff', '-anyone']);
});

test.each(['$staff', '-bob', 'anyone', '-$staff'])(
  'a user who is called %s has entries of nobody but everybody',
  (name) => {
    expect(namesUser(name)).toBe(false);
    expect(identifiersOf(name)).toEqual(['anyone', '-anyone']);
  },
);

test.each([
  ['Staff', '$staff'],
  ['Vorstand Süd', '$vorstand süd'],
  ['', null],
  ['a\nb', null],
  ['x'.repeat(255), null],
  ['x'.repeat(254), `$${'x'.repeat(254)}`],
])('the group %j is %j in an ACL', (name, expected) => {
  expect(groupIdentifier(name)).toBe(expected);
});

test.each([
  ['$Staff', '$staff', true],
  ['-$STAFF', '-$staff', true],
  ['staff', 'staff', false],
  ['$', null, false],
  ['-$', null, false],
])('%j is the identifier %j', (given, expected, group) => {
  expect(canonicalIdentifier(given)).toBe(expected);
  expect(expected !== null && isGroup(expected)).toBe(group);
});
