import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import type { FoundMailbox, MailboxListing } from '../../mailbox-state.ts';
import { type ListedRow, listingsOf } from '../../mailboxes/listings-of.ts';
import { mailboxState } from '../../mailboxes/mailbox-row.ts';
import type { QuotaLimits } from '../../quota.ts';
import { quotaOf } from '../../quota-values.ts';
import type { Named } from '../../store.ts';
import { type Connection, firstRow, rows } from '../connection.ts';
import { type QuotaRow, quotaColumns, quotaJoins, quotaOfRow } from '../quota-sql.ts';
import { raw, type Sql, sql } from '../sql.ts';
import { type MailboxColumns, mailboxColumns, mailboxRow, type NameText } from './mailbox-columns.ts';

/** A mailbox, or a subscription without one, which has no other columns. */
export type ListedColumns = { readonly listed_name: NameText; readonly subscribed: number } & (
  | MailboxColumns
  | { readonly id: null }
);

/** Nobody needs an order here, so nothing is kept or sorted. @param more columns, of mailboxes and of subscriptions alike */
export const ownListing = (owner: string, more: Sql = raw('')): Sql => sql`
  SELECT ${raw(mailboxColumns)}, m.name AS listed_name, s.name IS NOT NULL AS subscribed${more}
    FROM mailbox m LEFT JOIN subscription s ON s.owner = m.owner AND s.name = m.name WHERE m.owner = ${owner}
  UNION ALL SELECT ${raw(mailboxColumns)}, s.name, TRUE${more}
    FROM subscription s LEFT JOIN mailbox m ON m.owner = s.owner AND m.name = s.name
    WHERE s.owner = ${owner} AND m.id IS NULL`;

export const listedRow = ({ listed_name, subscribed, ...row }: ListedColumns): ListedRow => ({
  ...(row.id === null ? { id: null } : mailboxRow(row as MailboxColumns)),
  listed_name: listed_name.toString(),
  subscribed: subscribed === 1,
});

/** Mailboxes, subscriptions and names that only children keep alive, in order of name: one statement. */
export async function listMailboxes(
  access: RepositoryAccess<Connection>,
  owner: string,
  attempt: Attempt,
): Promise<readonly MailboxListing[]> {
  const statement = { name: 'mailbox-list', ...ownListing(owner), prepared: true };
  return listingsOf((await access.read((c) => rows<ListedColumns>(c, statement), attempt)).map(listedRow));
}

export async function findMailbox(
  access: RepositoryAccess<Connection>,
  { owner, name, limits }: { readonly owner: string; readonly name: string; readonly limits: QuotaLimits },
  attempt: Attempt,
): Promise<FoundMailbox | null> {
  const row = await access.read(
    (c) =>
      firstRow<MailboxColumns & QuotaRow>(c, {
        name: 'mailbox-find',
        text: `SELECT ${mailboxColumns}, ${quotaColumns} FROM mailbox m ${quotaJoins('m.owner')}
          WHERE m.owner = ? AND m.name = ?`,
        values: [owner, name],
        prepared: true,
      }),
    attempt,
  );
  return row === null ? null : { ...mailboxState(mailboxRow(row)), quota: quotaOf(quotaOfRow(row), limits) };
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
          ? 'INSERT INTO subscription (owner, name) VALUES (?, ?) ON DUPLICATE KEY UPDATE name = subscription.name'
          : 'DELETE FROM subscription WHERE owner = ? AND name = ?',
        values: [owner, name],
      });
      return null;
    },
    attempt,
  );
}
