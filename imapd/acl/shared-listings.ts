import type { CommandContext } from '../commands/command-handler.ts';
import { withoutHold } from '../mailbox/without-hold.ts';
import type { Granted, GrantedPage, ListGranted } from '../store/acl.ts';
import type { MailboxListing } from '../store/mailbox-state.ts';
import type { Store } from '../store/store.ts';
import { identifiersOf } from './identifiers.ts';
import { SEPARATOR, shownName } from './mailbox-place.ts';
import { EVERY_RIGHT, effectiveRights, type Rights } from './rights.ts';
import type { Sharing } from './sharing.ts';

/** A mailbox of somebody else, by the name that the session has for it. */
export type SharedListing = MailboxListing & { readonly store: Store; readonly rights: Rights };

export type Listings = {
  readonly listings: readonly MailboxListing[];
  /** Why mailboxes of others are missing: a partition could not be asked, or has more than LIST takes. null: none are. */
  readonly incomplete: 'unavailable' | 'limit' | null;
};

/** What LIST can answer with: own mailboxes and subscriptions, and the mailboxes of others if one of their names can match. */
export async function allListings(
  sharing: Sharing,
  patterns: readonly { mayMatchBelow(level: string): boolean }[],
  { session, attempt, log }: Pick<CommandContext, 'session' | 'attempt' | 'log'>,
): Promise<Listings> {
  const { name: user, store: home } = session.user;
  const { prefix } = sharing;
  if (prefix === null || !patterns.some((pattern) => pattern.mayMatchBelow(prefix))) {
    return { listings: await home.listMailboxes(user, attempt), incomplete: null };
  }
  const request = { user, identifiers: identifiersOf(user), most: sharing.policy.maxListed };
  const others = sharing.stores.filter((store) => store !== home);
  const asked = others.map(async (store) => ({ store, page: await grantedIn(store, request, log) }));
  const { own, ...page } = await home.listAccessible(request, attempt);
  const answers = [{ store: home, page }, ...(await Promise.all(asked))];
  const shared = answers.flatMap(({ store, page: found }) =>
    found === 'unavailable' ? [] : found.granted.flatMap((each) => listingOf(each, { store, prefix })),
  );
  return { listings: merged(own, shared), incomplete: missing(answers.map((answer) => answer.page)) };
}

function missing(pages: readonly (GrantedPage | 'unavailable')[]): Listings['incomplete'] {
  if (pages.includes('unavailable')) return 'unavailable';
  return pages.some((page) => page !== 'unavailable' && page.more) ? 'limit' : null;
}

/** One partition that is away, or fails, hides what it has, and nothing else. Never rejects: nobody listens while the home partition is asked. */
async function grantedIn(
  store: Store,
  request: ListGranted,
  log: CommandContext['log'],
): Promise<GrantedPage | 'unavailable'> {
  try {
    return await withoutHold((patience) => store.listGranted(request, patience));
  } catch (error) {
    log.event('Unexpected', { err: error }, 'A partition could not tell which mailboxes of others a user may see.');
    return 'unavailable';
  }
}

/** Of others nothing is told of what it is used for: that is where their programs put things. */
function listingOf(
  { mailbox, entries }: Granted,
  { store, prefix }: { readonly store: Store; readonly prefix: string },
): readonly SharedListing[] {
  const rights = effectiveRights(entries);
  // A level that holds a separator would be two.
  if (!rights.has('l') || mailbox.owner.includes(SEPARATOR)) return [];
  const name = shownName(prefix, mailbox);
  return [{ name, subscribed: false, state: { ...mailbox, name }, specialUse: [], store, rights }];
}

/** Subscriptions are the subscriber's, also of names that are others' mailboxes. */
function merged(own: readonly MailboxListing[], shared: readonly SharedListing[]): readonly MailboxListing[] {
  const names = new Set(shared.map(({ name }) => name));
  const subscribed = new Set(own.filter((listing) => listing.subscribed).map(({ name }) => name));
  return [
    ...own.filter(({ name }) => !names.has(name)),
    ...shared.map((listing) => ({ ...listing, subscribed: subscribed.has(listing.name) })),
  ];
}

/** Is it a mailbox of somebody else? */
export const isShared = (listing: MailboxListing): listing is SharedListing => 'store' in listing;

export const rightsOf = (listing: MailboxListing): Rights => (isShared(listing) ? listing.rights : EVERY_RIGHT);

/** Where the mailbox of a listing is. */
export const storeOf = (listing: MailboxListing, own: Store): Store => (isShared(listing) ? listing.store : own);
