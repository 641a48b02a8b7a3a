import type { QuotaLimits } from '../quota.ts';
import { limitValue, type QuotaJson } from '../quota-values.ts';
import type { Statement } from './connection.ts';
import { unset } from './operations/batch.ts';
import { raw, type Sql, sql } from './sql.ts';

/** What is read of one owner, beside other columns: see `quotaOfRow`. */
export type QuotaRow = {
  readonly used_storage: number | null;
  readonly used_messages: number | null;
  readonly used_mailboxes: number | null;
  readonly quota_storage: number | null;
  readonly quota_messages: number | null;
  readonly quota_mailboxes: number | null;
};

export const quotaColumns = `qu.storage AS used_storage, qu.messages AS used_messages, qu.mailboxes AS used_mailboxes,
  qa.quota_storage, qa.quota_messages, qa.quota_mailboxes`;

/** What `quotaColumns` are of: two rows by their keys. `owner` is an SQL expression. */
export const quotaJoins = (owner: string): string =>
  `LEFT JOIN usage_of qu ON qu.owner = ${owner} LEFT JOIN account qa ON qa.name = ${owner}`;

/** As PostgreSQL gives it in one column. Who has no mailboxes uses nothing. */
export const quotaOfRow = (row: QuotaRow): NonNullable<QuotaJson> => ({
  used: [row.used_storage ?? 0, row.used_messages ?? 0, row.used_mailboxes ?? 0],
  own: [row.quota_storage, row.quota_messages, row.quota_mailboxes],
});

export type Wanted = {
  /** Whose mailbox it is: a variable, mostly. */
  readonly owner: Sql;
  /** Octets that come to it. */
  readonly storage: Sql;
  readonly messages: Sql;
  /** The cluster's, for who has none of his own. */
  readonly limits: QuotaLimits;
};

/**
 * Puts into `@excess` whether that would be too much: 1 or 0, or null where there is no limit. It locks the owner's usage until
 * COMMIT, so it goes behind the lock of the mailbox and before `addUsage`: of two who write at once the second sees what the
 * first has put there. The account is not locked.
 */
export function findExcess({ owner, storage, messages, limits }: Wanted): readonly Statement[] {
  const limit = (column: string, ofCluster: number | null): Sql =>
    sql`COALESCE((SELECT a.${raw(column)} FROM account a WHERE a.name = ${owner}), ${limitValue(ofCluster)})`;
  return [
    unset('@excess', '@most_storage', '@most_messages'),
    {
      name: 'quota-limits',
      ...sql`SELECT ${limit('quota_storage', limits.STORAGE)}, ${limit('quota_messages', limits.MESSAGE)}
        INTO @most_storage, @most_messages`,
    },
    {
      name: 'quota-excess',
      ...sql`SELECT (@most_storage >= 0 AND u.storage + ${storage} > @most_storage)
          OR (@most_messages >= 0 AND u.messages + ${messages} > @most_messages) INTO @excess
        FROM usage_of u WHERE u.owner = ${owner} AND (@most_storage >= 0 OR @most_messages >= 0) FOR UPDATE`,
    },
  ];
}

/** Whether `findExcess` found too much. */
export const isExcess = raw('COALESCE(@excess, 0)');
