import type { OwnLimit, OwnLimits, Quota, QuotaLimits, Resource } from '../quota.ts';

/** In the database a limit that is none is -1, and a user's own that is none null: the cluster's holds. */
const NONE = -1;

export const limitValue = (limit: number | null): number => limit ?? NONE;

export const ownLimitValue = (limit: OwnLimit): number | null => {
  if (limit === 'default') return null;
  return limit === 'unlimited' ? NONE : limit;
};

/** What is read of one owner, as one column of JSON. `owner` is an SQL expression. */
export const quotaColumn = (owner: string): string => `
  (SELECT json_build_object('used', json_build_array(u.storage, u.messages, u.mailboxes),
      'own', json_build_array(qa.quota_storage, qa.quota_messages, qa.quota_mailboxes))
    FROM mail.usage u LEFT JOIN mail.account qa ON qa.name = u.owner WHERE u.owner = ${owner})`;

export type QuotaJson = {
  readonly used: readonly [number, number, number];
  readonly own: readonly [number | null, number | null, number | null];
} | null;

/** Who has no mailboxes uses nothing. */
export function quotaOf(json: QuotaJson, defaults: QuotaLimits): Quota {
  const { used, own } = json ?? { used: [0, 0, 0], own: [null, null, null] };
  const amount = (i: 0 | 1 | 2, resource: Resource): Quota[Resource] => {
    const limit = own[i] ?? limitValue(defaults[resource]);
    return { used: used[i], limit: limit < 0 ? null : limit };
  };
  return { STORAGE: amount(0, 'STORAGE'), MESSAGE: amount(1, 'MESSAGE'), MAILBOX: amount(2, 'MAILBOX') };
}

/** The other way round: what the columns say that a user's own limits are. */
export const ownLimitsOf = ([storage, messages, mailboxes]: readonly [
  number | null,
  number | null,
  number | null,
]): OwnLimits => ({ STORAGE: ownLimit(storage), MESSAGE: ownLimit(messages), MAILBOX: ownLimit(mailboxes) });

function ownLimit(value: number | null): OwnLimit {
  if (value === null) return 'default';
  return value < 0 ? 'unlimited' : value;
}

/**
 * The query `excess`: one row where what is counted in `total` is too much for the owner of the mailbox in `target`. It locks
 * the owner's usage until COMMIT, behind the mailbox: of two who write at once the second sees what the first has put there.
 * Nobody's limits: nothing is locked. The parameters are the cluster's limits.
 */
export const excess = (storage: string, messages: string): string => `
  excess AS (
    SELECT u.storage + t.size > l.storage AND l.storage >= 0 OR u.messages + t.n > l.messages AND l.messages >= 0 AS too_much
    FROM total t, target b JOIN mail.usage u ON u.owner = b.owner LEFT JOIN mail.account a ON a.name = b.owner
    CROSS JOIN LATERAL (SELECT coalesce(a.quota_storage, ${storage}::bigint) AS storage,
      coalesce(a.quota_messages, ${messages}::bigint) AS messages) l
    WHERE l.storage >= 0 OR l.messages >= 0
    FOR UPDATE OF u
  )`;

/** Whether `excess` found too much. */
export const isExcess = 'coalesce((SELECT too_much FROM excess), false)';
