import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import type { FoundMailbox, MailboxListing } from '../../mailbox-state.ts';
import { parentsOf } from '../../parents-of.ts';
import type { QuotaLimits } from '../../quota.ts';
import type { Named } from '../../store.ts';
import { type Connection, firstRow, rows } from '../connection.ts';
import { type QuotaJson, quotaColumn, quotaOf } from '../quota-sql.ts';
import { type MailboxRow, mailboxColumns, mailboxState } from './mailbox-row.ts';

/** One mailbox or subscription of a user. */
export type ListedRow = { listed_name: string; subscribed: boolean } & (MailboxRow | { id: null });

/** $1 the user. */
export const ownListingText = `
  SELECT ${mailboxColumns}, coalesce(m.name, s.name) AS listed_name, s.name IS NOT NULL AS subscribed
  FROM (SELECT * FROM mail.mailbox WHERE owner = $1) m
  FULL JOIN (SELECT * FROM mail.subscription WHERE owner = $1) s ON s.name = m.name`;

/** Mailboxes, subscriptions and names that only children keep alive, in order of name: one statement. */
export async function listMailboxes(
  access: RepositoryAccess<Connection>,
  owner: string,
  attempt: Attempt,
): Promise<readonly MailboxListing[]> {
  return listingsOf(
    await access.read(
      (c) => rows<ListedRow>(c, { name: 'mailbox-list', text: ownListingText, values: [owner] }),
      attempt,
    ),
  );
}

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

export async function findMailbox(
  access: RepositoryAccess<Connection>,
  { owner, name, limits }: { readonly owner: string; readonly name: string; readonly limits: QuotaLimits },
  attempt: Attempt,
): Promise<FoundMailbox | null> {
  const row = await access.read(
    (c) =>
      firstRow<MailboxRow & { quota: QuotaJson }>(c, {
        name: 'mailbox-find',
        text: `SELECT ${mailboxColumns}, ${quotaColumn('m.owner')} AS quota
          FROM mail.mailbox m WHERE m.owner = $1 AND m.name = $2`,
        values: [owner, name],
      }),
    attempt,
  );
  return row === null ? null : { ...mailboxState(row), quota: quotaOf(row.quota, limits) };
}

export async function subscribe(
  access: RepositoryAccess<Connection>,
  request: Named & { readonly subscribed: boolean },
  attempt: Attempt,
): Promise<void> {
  const { operation, owner, name, subscribed } = request;
  await access.mutate(
    operation,
    async (tx) => {
      await rows(tx, {
        name: subscribed ? 'subscription-add' : 'subscription-remove',
        text: subscribed
          ? 'INSERT INTO mail.subscription (owner, name) VALUES ($1, $2) ON CONFLICT DO NOTHING'
          : 'DELETE FROM mail.subscription WHERE owner = $1 AND name = $2',
        values: [owner, name],
      });
      return null;
    },
    attempt,
  );
}
