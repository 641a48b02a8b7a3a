import type { ListSelection } from '../../protocol/list-options.ts';
import type { MailboxListing } from '../../store/mailbox-state.ts';
import type { ListPattern } from './list-pattern.ts';

/** A name that a LIST or LSUB answers with. */
export type ListedName = {
  readonly name: string;
  /** null: a level of hierarchy that is neither a mailbox nor a subscription. */
  readonly listing: MailboxListing | null;
  readonly hasChildren: boolean;
  /** RECURSIVEMATCH: mailboxes below it satisfy the selection (RFC 5258, 3.5). */
  readonly childMatches: boolean;
};

type Found = { readonly listing: MailboxListing | null; childMatches: boolean };

/** Which names a LIST answers with, in alphabetical order, INBOX first. */
export function selectMailboxes(
  listings: readonly MailboxListing[],
  request: { readonly patterns: readonly ListPattern[]; readonly selection: ListSelection },
): readonly ListedName[] {
  const { patterns, selection } = request;
  const chosen = listings.filter((listing) => satisfies(listing, selection));
  const found = matching(chosen, patterns);
  const plain = !selection.subscribed && !selection.specialUse;
  if (plain) addLevels(found, chosen, patterns);
  if (selection.recursiveMatch) addParents(found, { listings, chosen, patterns });
  return listed(found, listings);
}

/** Which names an LSUB answers with (RFC 3501, 6.3.9): subscriptions, and with `%` the levels above them. */
export function selectSubscriptions(listings: readonly MailboxListing[], pattern: ListPattern): readonly ListedName[] {
  const chosen = listings.filter((listing) => listing.subscribed);
  const found = matching(chosen, [pattern]);
  addLevels(found, chosen, [pattern]);
  return listed(found, listings);
}

/** A mailbox, or what is left of one that has children; not a mere subscription. */
export const exists = (listing: MailboxListing): boolean => listing.state !== null || !listing.subscribed;

function satisfies(listing: MailboxListing, selection: ListSelection): boolean {
  if (selection.subscribed && !listing.subscribed) return false;
  if (selection.specialUse && listing.specialUse.length === 0) return false;
  return selection.subscribed || exists(listing);
}

function matching(chosen: readonly MailboxListing[], patterns: readonly ListPattern[]): Map<string, Found> {
  const found = new Map<string, Found>();
  for (const listing of chosen) {
    if (patterns.some((pattern) => pattern.matches(listing.name))) {
      found.set(listing.name, { listing, childMatches: false });
    }
  }
  return found;
}

/** `%` at the end asks for levels of hierarchy as well, also for those that are not among the chosen. */
function addLevels(
  found: Map<string, Found>,
  chosen: readonly MailboxListing[],
  patterns: readonly ListPattern[],
): void {
  const asking = patterns.filter((pattern) => pattern.asksForLevels);
  if (asking.length === 0) return;
  for (const { name } of chosen) {
    for (const level of levelsAbove(name)) {
      if (!found.has(level) && asking.some((pattern) => pattern.matches(level))) {
        found.set(level, { listing: null, childMatches: false });
      }
    }
  }
}

/**
 * RECURSIVEMATCH (RFC 5258, 3.5): a name is told that something below it satisfies the selection. A name that does not
 * satisfy it itself is only listed for the sake of one that does and is not listed.
 */
function addParents(
  found: Map<string, Found>,
  all: {
    readonly listings: readonly MailboxListing[];
    readonly chosen: readonly MailboxListing[];
    readonly patterns: readonly ListPattern[];
  },
): void {
  const byName = new Map(all.listings.map((listing) => [listing.name, listing]));
  const own = new Set(found.keys());
  for (const { name } of all.chosen) {
    for (const level of levelsAbove(name)) {
      const known = found.get(level);
      if (known !== undefined) known.childMatches = true;
      else if (!own.has(name) && all.patterns.some((pattern) => pattern.matches(level))) {
        found.set(level, { listing: byName.get(level) ?? null, childMatches: true });
      }
    }
  }
}

function listed(found: ReadonlyMap<string, Found>, listings: readonly MailboxListing[]): readonly ListedName[] {
  const parents = new Set<string>();
  for (const listing of listings) {
    if (exists(listing)) for (const level of levelsAbove(listing.name)) parents.add(level);
  }
  return Array.from(found, ([name, { listing, childMatches }]) => ({
    name,
    listing,
    childMatches,
    hasChildren: parents.has(name),
  })).sort((a, b) => compareNames(a.name, b.name));
}

/** `a/b/c` → `a/b`, `a`. */
function* levelsAbove(name: string): Generator<string> {
  for (let at = name.lastIndexOf('/'); at > 0; at = name.lastIndexOf('/', at - 1)) yield name.slice(0, at);
}

function compareNames(a: string, b: string): number {
  if (a === 'INBOX') return -1;
  if (b === 'INBOX') return 1;
  return a < b ? -1 : 1;
}
