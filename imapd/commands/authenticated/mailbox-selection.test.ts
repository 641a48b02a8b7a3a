import { expect, test } from 'vitest';
import type { ListSelection } from '../../protocol/list-options.ts';
import type { MailboxListing, MailboxState } from '../../store/mailbox-state.ts';
import { ListPattern } from './list-pattern.ts';
import { selectMailboxes, selectSubscriptions } from './mailbox-selection.ts';

const mailbox = (name: string, more: Partial<MailboxListing> = {}): MailboxListing => ({
  name,
  subscribed: false,
  state: { name } as MailboxState,
  specialUse: [],
  ...more,
});
const subscription = (name: string) => mailbox(name, { subscribed: true, state: null });

const PLAIN: ListSelection = { subscribed: false, remote: false, recursiveMatch: false, specialUse: false };
const patterns = (...all: string[]) => all.map((pattern) => new ListPattern('', pattern));

function names(listings: readonly MailboxListing[], pattern: string, selection: Partial<ListSelection> = {}): string[] {
  const request = { patterns: patterns(pattern), selection: { ...PLAIN, ...selection } };
  return selectMailboxes(listings, request).map(
    ({ name, listing, hasChildren, childMatches }) =>
      name + (listing?.state ? '' : ' -') + (hasChildren ? ' /' : '') + (childMatches ? ' !' : ''),
  );
}

test('INBOX comes first, the others by name', () => {
  expect(names([mailbox('b'), mailbox('INBOX'), mailbox('a')], '*')).toEqual(['INBOX', 'a', 'b']);
});

test('a mailbox knows whether it has children', () => {
  expect(names([mailbox('a'), mailbox('a/b/c'), mailbox('ab')], '*')).toEqual(['a /', 'a/b/c', 'ab']);
});

test('% tells of a level that is no mailbox, * does not', () => {
  const listings = [mailbox('a/b/c')];
  expect(names(listings, '%')).toEqual(['a - /']);
  expect(names(listings, 'a/%')).toEqual(['a/b - /']);
  expect(names(listings, '*')).toEqual(['a/b/c']);
});

test('what is left of a deleted mailbox with children is listed and cannot be selected', () => {
  const left = mailbox('a', { state: null });
  expect(names([left, mailbox('a/b')], '*')).toEqual(['a - /', 'a/b']);
});

test('a subscription without a mailbox is no business of a plain LIST', () => {
  expect(names([subscription('gone/too'), mailbox('a')], '%')).toEqual(['a']);
  expect(names([subscription('gone/too'), mailbox('a')], '*')).toEqual(['a']);
});

test('several patterns list a name once', () => {
  const request = { patterns: patterns('a*', '*b', '%'), selection: PLAIN };
  expect(selectMailboxes([mailbox('ab'), mailbox('c')], request).map((one) => one.name)).toEqual(['ab', 'c']);
});

test('SUBSCRIBED selects subscriptions, with or without a mailbox', () => {
  const listings = [mailbox('a'), mailbox('b', { subscribed: true }), subscription('gone')];
  expect(names(listings, '*', { subscribed: true })).toEqual(['b', 'gone -']);
});

test('SPECIAL-USE selects mailboxes with a use', () => {
  const listings = [mailbox('a'), mailbox('Sent', { specialUse: ['\\Sent'] })];
  expect(names(listings, '*', { specialUse: true })).toEqual(['Sent']);
});

// RFC 5258, 5: examples 7 to 9
const foo = [mailbox('Foo'), mailbox('Foo/Bar', { subscribed: true }), mailbox('Foo/Baz'), mailbox('Moo')];

test('RECURSIVEMATCH lists a parent for the sake of a subscribed child that is not listed', () => {
  expect(names(foo, '%', { subscribed: true, recursiveMatch: true })).toEqual(['Foo / !']);
  expect(names(foo, '%', { subscribed: true })).toEqual([]);
});

test('RECURSIVEMATCH lists no parent for a child that is listed itself', () => {
  expect(names(foo, '*', { subscribed: true, recursiveMatch: true })).toEqual(['Foo/Bar']);
});

test('RECURSIVEMATCH tells a subscribed parent of its subscribed children', () => {
  const listings = [mailbox('Foo', { subscribed: true }), ...foo.slice(1)];
  expect(names(listings, '*', { subscribed: true, recursiveMatch: true })).toEqual(['Foo / !', 'Foo/Bar']);
});

test('RECURSIVEMATCH finds a parent that does not exist', () => {
  expect(names([subscription('x/y')], '%', { subscribed: true, recursiveMatch: true })).toEqual(['x - !']);
});

test('LSUB tells of levels above a subscription, with % only', () => {
  const listings = [mailbox('a'), mailbox('a/b', { subscribed: true })];
  const lsub = (pattern: string) => selectSubscriptions(listings, new ListPattern('', pattern));
  expect(lsub('%')).toEqual([{ name: 'a', listing: null, hasChildren: true, childMatches: false }]);
  expect(lsub('*').map((one) => one.name)).toEqual(['a/b']);
});
