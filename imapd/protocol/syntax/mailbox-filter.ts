import type { MailboxFilter } from '../mailbox-filter.ts';
import type { Cursor } from './cursor.ts';
import { mailbox } from './mailbox.ts';
import { SyntaxFault } from './syntax-fault.ts';

const KINDS = ['SELECTED', 'INBOXES', 'PERSONAL', 'SUBSCRIBED', 'SUBTREE', 'SUBTREE-ONE', 'MAILBOXES'] as const;
const BY_KIND = { SELECTED: 'selected', INBOXES: 'inboxes', PERSONAL: 'personal', SUBSCRIBED: 'subscribed' } as const;
const BY_NAME = { SUBTREE: 'subtree', 'SUBTREE-ONE': 'subtree-one', MAILBOXES: 'mailboxes' } as const;
const isByName = (kind: (typeof KINDS)[number]): kind is keyof typeof BY_NAME => Object.hasOwn(BY_NAME, kind);

/** `(filter filter …)`: source-mbox (RFC 7377, 4), of at most so many names in all. No scope options are defined. */
export function mailboxFilters(cursor: Cursor): readonly MailboxFilter[] {
  const most = cursor.limits.searchedMailboxes;
  const filters = cursor.list(() => mailboxFilter(cursor), { of: 'kinds of mailboxes', most, code: 'LIMIT' });
  if (filters.length === 0) cursor.fail('a kind of mailboxes');
  const names = filters.reduce((sum, filter) => sum + ('names' in filter ? filter.names.length : 0), 0);
  if (names > most) throw new SyntaxFault(`More than ${most} mailboxes`, { status: 'NO', code: 'LIMIT' });
  return filters;
}

function mailboxFilter(cursor: Cursor): MailboxFilter {
  const kind = cursor.oneOf(KINDS, 'a kind of mailboxes');
  if (!isByName(kind)) return { kind: BY_KIND[kind] };
  cursor.space();
  return { kind: BY_NAME[kind], names: oneOrMore(cursor) };
}

/** one-or-more-mailbox (RFC 5465, 8). */
function oneOrMore(cursor: Cursor): readonly string[] {
  if (cursor.next !== '(') return [mailbox(cursor)];
  const most = cursor.limits.searchedMailboxes;
  const names = cursor.list(() => mailbox(cursor), { of: 'mailboxes', most, code: 'LIMIT' });
  return names.length > 0 ? names : cursor.fail('a mailbox name');
}
