import { allListings, isShared, type Listings, rightsOf, type SharedListing } from '../../acl/shared-listings.ts';
import type { Sharing } from '../../acl/sharing.ts';
import type { MailboxFilter } from '../../protocol/mailbox-filter.ts';
import type { MailboxListing } from '../../store/mailbox-state.ts';
import type { CommandContext } from '../command-handler.ts';
import { type Existing, searchedMailboxes } from './searched-mailboxes.ts';

export type FoundMailboxes =
  | { readonly kind: 'found'; readonly mailboxes: readonly Existing[]; readonly incomplete: Listings['incomplete'] }
  | { readonly kind: 'tooMany' };

/**
 * The mailboxes that an ESEARCH names, of others those that the user may read: without `r` they are passed over, and without `l`
 * too unless they are named themselves (RFC 7377, 2.2). At most so many are looked for.
 */
export async function findMailboxes(
  given: readonly MailboxFilter[],
  { sharing, most }: { readonly sharing: Sharing; readonly most: number },
  context: CommandContext,
): Promise<FoundMailboxes> {
  const { user } = context.session;
  const shown = (name: string): string => {
    const place = sharing.place(name, user);
    return 'shown' in place ? place.shown : name;
  };
  const filters = given.map((filter) => ('names' in filter ? { ...filter, names: filter.names.map(shown) } : filter));
  const named = othersOf(filters, (name) => sharing.place(name, user).kind !== 'own');
  if (named.length > most) return { kind: 'tooMany' };
  const listed = await allListings(sharing, [{ mayMatchBelow: (level) => filters.some(reaches(level)) }], context);
  const others = await namedOthers(named, { sharing, listed }, context);
  const readable = listed.listings.filter((listing) => rightsOf(listing).has('r'));
  const mailboxes = searchedMailboxes([...readable, ...others.listings], filters);
  return mailboxes.length > most
    ? { kind: 'tooMany' }
    : { kind: 'found', mailboxes, incomplete: others.incomplete ?? listed.incomplete };
}

/** Can a filter find mailboxes below a level that it does not name itself? */
const reaches =
  (level: string) =>
  (filter: MailboxFilter): boolean => {
    if (filter.kind === 'subscribed') return true;
    if (filter.kind !== 'subtree' && filter.kind !== 'subtree-one') return false;
    return filter.names.some((name) => name === level || name.startsWith(`${level}/`));
  };

/** Names of others' mailboxes that stand for themselves alone, each once. */
function othersOf(filters: readonly MailboxFilter[], isOther: (name: string) => boolean): readonly string[] {
  const names = filters.flatMap((filter) => (filter.kind === 'mailboxes' ? filter.names : []));
  return [...new Set(names.filter(isOther))];
}

/** What is listed already is not looked up again. */
async function namedOthers(
  names: readonly string[],
  { sharing, listed }: { readonly sharing: Sharing; readonly listed: Listings },
  context: CommandContext,
): Promise<Listings> {
  const known = new Set(listed.listings.filter(isShared).map(({ name }: MailboxListing) => name));
  const listings: SharedListing[] = [];
  let incomplete: Listings['incomplete'] = null;
  for (const name of names.filter((each) => !known.has(each))) {
    const found = await sharing.find({ command: 'ESEARCH', mailbox: name, as: 'read' }, context);
    if (found.kind === 'refused') {
      if (found.completion.code === 'UNAVAILABLE') incomplete = 'unavailable';
    } else {
      const { place, rights, mailbox } = found;
      const state = { ...mailbox, name: place.shown };
      listings.push({ name: place.shown, subscribed: false, specialUse: [], state, store: place.store, rights });
    }
  }
  return { listings, incomplete };
}
