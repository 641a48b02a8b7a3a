import type { CommandContext } from '../commands/command-handler.ts';
import { withoutHold } from '../mailbox/without-hold.ts';
import type { Attempt } from '../routing/repository-access.ts';
import type { Granted, ListGranted } from '../store/acl.ts';
import type { MailboxListing } from '../store/mailbox-state.ts';
import type { Store } from '../store/store.ts';
import { namespaceOf, namespaceOwner, shownName } from './namespace-owner.ts';
import { EVERY_RIGHT, effectiveRights, type Rights } from './rights.ts';
import { SEPARATOR } from './separator.ts';
import type { Sharing } from './sharing.ts';

/** A mailbox of somebody else, or of nobody, by the name that the session has for it. */
export type SharedListing = MailboxListing & { readonly store: Store; readonly rights: Rights };

export type Listings = {
  readonly listings: readonly MailboxListing[];
  /** Why mailboxes of others are missing: a partition could not be asked, or has more than LIST takes. null: none are. */
  readonly incomplete: 'unavailable' | 'limit' | null;
};

type Context = Pick<CommandContext, 'session' | 'attempt' | 'log'>;
/** What one partition, or one namespace, has. */
type Part = { readonly found: readonly SharedListing[]; readonly more: boolean } | 'unavailable';

/** What LIST can answer with: own mailboxes and subscriptions, and the mailboxes of others if one of their names can match. */
export async function allListings(
  sharing: Sharing,
  patterns: readonly { mayMatchBelow(level: string): boolean }[],
  context: Context,
): Promise<Listings> {
  const { session, attempt } = context;
  const { name: user, store: home } = session.user;
  const { prefix } = sharing;
  const asked = sharing.levels.filter((level) => patterns.some((pattern) => pattern.mayMatchBelow(level)));
  if (prefix === null || asked.length === 0) {
    return { listings: merged(await home.listMailboxes(user, attempt), [], sharing), incomplete: null };
  }
  const { identifiers, admin } = await sharing.standing(session.user, attempt);
  const request = { user, identifiers, most: sharing.policy.maxListed };
  const namespaces = asked.filter((level) => level !== prefix);
  const administered = admin ? namespaces.map((namespace) => everythingIn(namespace, sharing, context)) : [];
  const others = othersToAsk(asked, sharing).filter((store) => store !== home);
  const granted = others.map((store) => grantedIn(store, { request, sharing, context }));
  const { own, ...page } = await home.listAccessible(request, attempt);
  const here: Part = { found: page.granted.flatMap((each) => listingOf(each, home, sharing)), more: page.more };
  // Administrators first: what they have of a mailbox is more than what they are granted.
  const parts = [...(await Promise.all(administered)), here, ...(await Promise.all(granted))];
  const away = namespaces.some((namespace) => sharing.namespaces.of(namespace) === 'unavailable');
  const shared = parts.flatMap((part) => (part === 'unavailable' ? [] : part.found));
  return { listings: merged(own, shared, sharing), incomplete: away ? 'unavailable' : missing(parts) };
}

export type SharedPage = {
  readonly found: readonly SharedListing[];
  /** Some partition has more than were asked for. */
  readonly more: boolean;
  /** Whether it is not known of a mailbox that was there before: nobody asked its partition, or it did not answer. */
  isUnknown(before: Pick<SharedListing, 'name' | 'store'>): boolean;
};

/** Mailboxes of others alone, below these levels; at most `most` of each of these partitions, null: of all. */
export async function sharedListings(
  sharing: Sharing,
  {
    levels,
    stores,
    most,
  }: { readonly levels: readonly string[]; readonly stores: ReadonlySet<Store> | null; readonly most: number },
  context: Context,
): Promise<SharedPage> {
  const { session, attempt } = context;
  const { identifiers, admin } = await sharing.standing(session.user, attempt);
  const request = { user: session.user.name, identifiers, most };
  const there = othersToAsk(levels, sharing);
  const asked = there.filter((store) => stores === null || stores.has(store));
  const administered = admin ? levels.filter((level) => level !== sharing.prefix) : [];
  const answers = asked.map(async (store) => {
    const own = administered.filter((namespace) => sharing.namespaces.of(namespace) === store);
    const parts = own.map((namespace) => everythingIn(namespace, sharing, context));
    return { store, parts: await Promise.all([...parts, grantedIn(store, { request, sharing, context })]) };
  });
  const answered = (await Promise.all(answers)).filter(({ parts }) => !parts.includes('unavailable'));
  const parts = answered.flatMap((each) => each.parts.filter((part) => part !== 'unavailable'));
  const all = parts.flatMap(({ found }) => found).filter(({ name }) => levels.includes(levelOf(name)));
  const known = new Set(answered.map(({ store }) => store));
  const away = new Set(levels.filter((level) => sharing.namespaces.of(level) === 'unavailable'));
  return {
    // Administrators first, as in LIST.
    found: [...new Map(all.toReversed().map((listing) => [listing.name, listing])).values()],
    more: parts.some(({ more }) => more),
    isUnknown: ({ name, store }) => (there.includes(store) && !known.has(store)) || away.has(levelOf(name)),
  };
}

const levelOf = (name: string): string => name.split(SEPARATOR, 1)[0] ?? '';

type Asking = { readonly request: ListGranted; readonly sharing: Sharing; readonly context: Pick<Context, 'log'> };

const grantedIn = (store: Store, { request, sharing, context }: Asking): Promise<Part> =>
  quietly(context, async (patience): Promise<Part> => {
    const { granted, more } = await store.listGranted(request, patience);
    return { found: granted.flatMap((each) => listingOf(each, store, sharing)), more };
  });

/** Other users are in any partition, namespaces in one each. */
function othersToAsk(asked: readonly string[], sharing: Sharing): readonly Store[] {
  const { prefix, namespaces, stores } = sharing;
  const inNamespaces = asked.map((level) => namespaces.of(level)).filter((store) => store !== null);
  const all = asked.some((level) => level === prefix)
    ? stores
    : inNamespaces.filter((store) => store !== 'unavailable');
  return [...new Set(all)];
}

function missing(parts: readonly Part[]): Listings['incomplete'] {
  if (parts.includes('unavailable')) return 'unavailable';
  return parts.some((part) => part !== 'unavailable' && part.more) ? 'limit' : null;
}

/** One partition that is away, or fails, hides what it has, and nothing else. Never rejects: nobody listens while the home partition is asked. */
async function quietly({ log }: Pick<Context, 'log'>, ask: (patience: Attempt) => Promise<Part>): Promise<Part> {
  try {
    return await withoutHold(ask);
  } catch (error) {
    log.event('Unexpected', { err: error }, 'A partition could not tell which mailboxes of others a user may see.');
    return 'unavailable';
  }
}

/** For administrators. */
async function everythingIn(namespace: string, sharing: Sharing, context: Context): Promise<Part> {
  const store = sharing.namespaces.of(namespace);
  if (store === null || store === 'unavailable') return { found: [], more: false };
  return await quietly(context, async (patience) => {
    const all = await store.listMailboxes(namespaceOwner(namespace), patience);
    const named = all.map((listing) => ({ ...listing, name: [namespace, listing.name].join(SEPARATOR) }));
    return { found: named.map((listing) => ({ ...shownBy(listing), store, rights: EVERY_RIGHT })), more: false };
  });
}

const shownBy = (listing: MailboxListing): MailboxListing => ({
  ...listing,
  subscribed: false,
  state: listing.state === null ? null : { ...listing.state, name: listing.name },
});

/** Of others nothing is told of what it is used for: that is where their programs put things. */
function listingOf({ mailbox, entries }: Granted, store: Store, sharing: Sharing): readonly SharedListing[] {
  const rights = effectiveRights(entries);
  if (!rights.has('l') || sharing.prefix === null || !isReached(mailbox.owner, store, sharing)) return [];
  const name = shownName(sharing.prefix, mailbox);
  return [{ name, subscribed: false, state: { ...mailbox, name }, specialUse: [], store, rights }];
}

/** A level that holds a separator would be two. A namespace may be in another partition by now, or none any more. */
function isReached(owner: string, store: Store, { namespaces }: Sharing): boolean {
  const namespace = namespaceOf(owner);
  return namespace === null ? !owner.includes(SEPARATOR) : namespaces.of(namespace) === store;
}

/**
 * Subscriptions are the subscriber's, also of names that are others' mailboxes. Own mailboxes whose names have become others' are
 * out of reach.
 */
function merged(
  own: readonly MailboxListing[],
  shared: readonly SharedListing[],
  sharing: Sharing,
): readonly MailboxListing[] {
  const byName = new Map<string, SharedListing>();
  for (const listing of shared) if (!byName.has(listing.name)) byName.set(listing.name, listing);
  const subscribed = new Set(own.filter((listing) => listing.subscribed).map(({ name }) => name));
  const reached = own.filter(({ name, state }) => !byName.has(name) && (state === null || !sharing.isOfOthers(name)));
  const others = Array.from(byName.values(), (listing) => ({ ...listing, subscribed: subscribed.has(listing.name) }));
  return [...reached, ...others];
}

/** Is it a mailbox of somebody else, or of nobody? */
export const isShared = (listing: MailboxListing): listing is SharedListing => 'store' in listing;

export const rightsOf = (listing: MailboxListing): Rights => (isShared(listing) ? listing.rights : EVERY_RIGHT);

/** Where the mailbox of a listing is. */
export const storeOf = (listing: MailboxListing, own: Store): Store => (isShared(listing) ? listing.store : own);
