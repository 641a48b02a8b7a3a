import { expect, test } from 'vitest';
import type { MailboxFilter } from '../../protocol/mailbox-filter.ts';
import type { MailboxListing, MailboxState } from '../../store/mailbox-state.ts';
import { searchedMailboxes } from './searched-mailboxes.ts';

const listing = (name: string, { subscribed = false, exists = true } = {}): MailboxListing => ({
  ...{ name, subscribed, specialUse: [] },
  state: exists ? ({ name } as MailboxState) : null,
});
const LISTINGS = [
  ...[listing('INBOX', { subscribed: true }), listing('INBOX/new'), listing('a', { exists: false })],
  ...[
    listing('a/b'),
    listing('a/b/c', { subscribed: true }),
    listing('ab'),
    listing('gone', { subscribed: true, exists: false }),
  ],
];

test.each<[MailboxFilter[], string[]]>([
  [[{ kind: 'inboxes' }], ['INBOX', 'INBOX/new', 'a/b', 'a/b/c', 'ab']],
  [[{ kind: 'personal' }], ['INBOX', 'INBOX/new', 'a/b', 'a/b/c', 'ab']],
  [[{ kind: 'subscribed' }], ['INBOX', 'a/b/c']],
  [[{ kind: 'mailboxes', names: ['ab', 'a', 'nowhere', 'a/b'] }], ['a/b', 'ab']],
  [[{ kind: 'subtree', names: ['a'] }], ['a/b', 'a/b/c']],
  [[{ kind: 'subtree', names: ['INBOX', 'a/b/c'] }], ['INBOX', 'INBOX/new', 'a/b/c']],
  [[{ kind: 'subtree-one', names: ['a'] }], ['a/b']],
  [[{ kind: 'subtree-one', names: ['a/b'] }], ['a/b', 'a/b/c']],
  [[{ kind: 'selected' }], []],
  [
    [{ kind: 'mailboxes', names: ['ab'] }, { kind: 'selected' }, { kind: 'subscribed' }],
    ['INBOX', 'a/b/c', 'ab'],
  ],
])('%j', (filters, expected) => {
  expect(searchedMailboxes(LISTINGS, filters).map(({ name }) => name)).toEqual(expected);
});
