import { isShared } from '../../acl/shared-listings.ts';
import type { MailboxFilter } from '../../protocol/mailbox-filter.ts';
import type { MailboxListing, MailboxState } from '../../store/mailbox-state.ts';

/** A mailbox that is searched, by the name that the session has for it. */
export type Existing<L extends MailboxListing = MailboxListing> = L & { readonly state: MailboxState };

/**
 * The mailboxes that filters name, each once, in the order in which they are listed. What does not exist is left out (RFC 7377, 2.2
 * and 5); so is `selected`, which is no question of names.
 */
export function searchedMailboxes(
  listings: readonly MailboxListing[],
  filters: readonly MailboxFilter[],
): readonly Existing[] {
  const tests = filters.map(matcherOf);
  const exists = (listing: MailboxListing): listing is Existing => listing.state !== null;
  return listings.filter(exists).filter((listing) => tests.some((matches) => matches(listing)));
}

function matcherOf(filter: MailboxFilter): (listing: MailboxListing) => boolean {
  switch (filter.kind) {
    case 'selected':
      return () => false;
    case 'inboxes':
    case 'personal':
      return (listing) => !isShared(listing);
    case 'subscribed':
      return ({ subscribed }) => subscribed;
    case 'mailboxes': {
      const names = new Set(filter.names);
      return ({ name }) => names.has(name);
    }
    case 'subtree': {
      const names = new Set(filter.names);
      return ({ name }) => withAncestors(name).some((each) => names.has(each));
    }
    case 'subtree-one': {
      const names = new Set(filter.names);
      return ({ name }) => names.has(name) || names.has(name.slice(0, Math.max(0, name.lastIndexOf('/'))));
    }
  }
}

/** `a/b/c`, `a/b`, `a`. */
function withAncestors(name: string): readonly string[] {
  const levels = name.split('/');
  return levels.map((_, at) => levels.slice(0, at + 1).join('/'));
}
