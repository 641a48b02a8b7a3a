import type { Attempt, RepositoryAccess } from '../../routing/repository-access.ts';
import { accountChanges } from '../account-row.ts';
import type { ChangeAccount } from '../account-store.ts';
import type { Quota, QuotaLimits } from '../quota.ts';
import { type QuotaJson, quotaOf } from '../quota-values.ts';
import type { MailboxId } from '../types.ts';
import { type Connection, firstRow, rows } from './connection.ts';
import { quotaColumn } from './quota-sql.ts';

/** Two rows by their keys, whatever the number of mailboxes and messages. */
export async function findQuota(
  access: RepositoryAccess<Connection>,
  { owner, limits }: { readonly owner: string; readonly limits: QuotaLimits },
  attempt: Attempt,
): Promise<Quota | null> {
  const row = await access.read(
    (c) =>
      firstRow<{ quota: QuotaJson }>(c, {
        name: 'quota-find',
        text: `SELECT ${quotaColumn('$1')} AS quota
          WHERE EXISTS (SELECT 1 FROM mail.account WHERE name = $1) OR EXISTS (SELECT 1 FROM mail.usage WHERE owner = $1)`,
        values: [owner],
      }),
    attempt,
  );
  return row === null ? null : quotaOf(row.quota, limits);
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
        text: `SELECT mailbox, sum(size)::float8 AS octets FROM mail.message
          WHERE mailbox = ANY($1::uuid[]) AND flags & 8 <> 0 GROUP BY mailbox`,
        values: [mailboxes],
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
    async (tx) => ({ kind: (await writeAccount(tx, request)) ? 'changed' : 'missing' }),
    attempt,
  );
}

/** false: there is no such user. */
export async function writeAccount(tx: Connection, request: Omit<ChangeAccount, 'operation'>): Promise<boolean> {
  const changes = [...accountChanges(request)];
  // Without a name: which columns it sets differs from call to call, and calls are rare.
  const set = changes.map(([column], i) => `${column} = $${i + 2}`).concat('name = name');
  const text = `UPDATE mail.account SET ${set.join(', ')} WHERE name = $1 RETURNING 1`;
  return (await rows(tx, { text, values: [request.name, ...changes.map(([, value]) => value)] })).length > 0;
}
