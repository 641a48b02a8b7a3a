import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import type { FoundMailbox, MailboxListing } from '../../mailbox-state.ts';
import { type ListedRow, listingsOf } from '../../mailboxes/listings-of.ts';
import { type MailboxRow, mailboxState } from '../../mailboxes/mailbox-row.ts';
import type { QuotaLimits } from '../../quota.ts';
import { type QuotaJson, quotaOf } from '../../quota-values.ts';
import type { Named } from '../../store.ts';
import { type Connection, firstRow, rows } from '../connection.ts';
import { quotaColumn } from '../quota-sql.ts';
import { mailboxColumns } from './mailbox-columns.ts';

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
