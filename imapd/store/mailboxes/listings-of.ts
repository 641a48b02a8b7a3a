import type { MailboxListing } from '../mailbox-state.ts';
import { parentsOf } from '../parents-of.ts';
import { type MailboxRow, mailboxState } from './mailbox-row.ts';

/** One mailbox or subscription of a user. */
export type ListedRow = { listed_name: string; subscribed: boolean } & (MailboxRow | { id: null });

/** In order of name, with the names that only children keep alive. */
export function listingsOf(found: readonly ListedRow[]): readonly MailboxListing[] {
  const listing = new Map<string, MailboxListing>();
  for (const row of found) {
    const exists = row.id !== null;
    listing.set(row.listed_name, {
      name: row.listed_name,
      subscribed: row.subscribed,
      state: exists ? mailboxState(row) : null,
      specialUse: exists ? row.special_use : [],
    });
  }
  for (const row of found) {
    if (row.id !== null) addParents(listing, row.name);
  }
  return [...listing.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function addParents(listing: Map<string, MailboxListing>, name: string): void {
  for (const parent of parentsOf(name)) {
    if (!listing.has(parent)) listing.set(parent, { name: parent, subscribed: false, state: null, specialUse: [] });
  }
}
