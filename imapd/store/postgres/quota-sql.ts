/** What is read of one owner, as one column of JSON. `owner` is an SQL expression. */
export const quotaColumn = (owner: string): string => `
  (SELECT json_build_object('used', json_build_array(u.storage, u.messages, u.mailboxes),
      'own', json_build_array(qa.quota_storage, qa.quota_messages, qa.quota_mailboxes))
    FROM mail.usage u LEFT JOIN mail.account qa ON qa.name = u.owner WHERE u.owner = ${owner})`;

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
