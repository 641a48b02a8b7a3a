import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import type { Attempt, RepositoryAccess } from '../../routing/repository-access.ts';
import { accountChanges } from '../account-row.ts';
import type { ChangeAccount } from '../account-store.ts';
import type { Quota, QuotaLimits } from '../quota.ts';
import { quotaOf } from '../quota-values.ts';
import type { MailboxId } from '../types.ts';
import { affected, type Connection, firstRow, rows, type Statement } from './connection.ts';
import { type QuotaRow, quotaColumns, quotaJoins, quotaOfRow } from './quota-sql.ts';
import { join, raw, sql } from './sql.ts';
import { groupsText } from './words.ts';

/** Two rows by their keys, whatever the number of mailboxes and messages. */
export async function findQuota(
  access: RepositoryAccess<Connection>,
  { owner, limits }: { readonly owner: string; readonly limits: QuotaLimits },
  attempt: Attempt,
): Promise<Quota | null> {
  const row = await access.read(
    (c) =>
      firstRow<QuotaRow>(c, {
        name: 'quota-find',
        text: `SELECT ${quotaColumns} FROM (SELECT 1) one ${quotaJoins('?')}
          WHERE qu.owner IS NOT NULL OR qa.name IS NOT NULL`,
        values: [owner, owner],
        prepared: true,
      }),
    attempt,
  );
  return row === null ? null : quotaOf(quotaOfRow(row), limits);
}

/** Mailboxes without deleted messages need not be asked for. */
export async function deletedOctets(
  access: RepositoryAccess<Connection>,
  mailboxes: readonly MailboxId[],
  attempt: Attempt,
): Promise<ReadonlyMap<MailboxId, number>> {
  if (mailboxes.length === 0) return new Map();
  const found = await access.read(
    (c) =>
      rows<{ mailbox: MailboxId; octets: number }>(c, {
        name: 'deleted-octets',
        text: `SELECT mailbox, SUM(size) AS octets FROM message
          WHERE mailbox IN (?) AND flags & 8 <> 0 GROUP BY mailbox`,
        values: [mailboxes.map(uuidOctets)],
      }),
    attempt,
  );
  return new Map(found.map(({ mailbox, octets }) => [mailbox, octets]));
}

export async function changeAccount(
  access: RepositoryAccess<Connection>,
  request: ChangeAccount,
  attempt: Attempt,
): Promise<{ readonly kind: 'changed' } | { readonly kind: 'missing' }> {
  return await access.mutate<{ readonly kind: 'changed' } | { readonly kind: 'missing' }>(
    request.operation,
    async (tx) => ({ kind: (await affected(tx, accountWrite(request))) > 0 ? 'changed' : 'missing' }),
    attempt,
  );
}

/** Of what is named, and nothing else. */
export function accountWrite(request: Omit<ChangeAccount, 'operation'>): Statement {
  const changes = [...accountChanges(request)].map(([column, value]) =>
    column === 'groups' ? sql`in_groups = ${groupsText(value as readonly string[])}` : sql`${raw(column)} = ${value}`,
  );
  const set = join([...changes, raw('name = name')], ', ');
  return { name: 'account-change', ...sql`UPDATE account SET ${set} WHERE name = ${request.name}` };
}
