import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import { type Replaced, type ReplaceTools, replace as replaceBy } from '../../messages/replace.ts';
import type { QuotaLimits } from '../../quota.ts';
import { limitValue } from '../../quota-values.ts';
import type { ReplaceMessage, ReplaceOutcome } from '../../store.ts';
import { type Connection, firstRow } from '../connection.ts';
import { lockPair } from '../mailboxes/lock-mailbox.ts';
import { lockUsage } from '../operations/lock-owner.ts';
import { appendTo } from './append.ts';
import { removeMessages } from './expunge.ts';

export const replace = (
  access: RepositoryAccess<Connection>,
  request: ReplaceMessage & { readonly limits: QuotaLimits },
  attempt: Attempt,
): Promise<ReplaceOutcome> => replaceBy({ access, ...replacing }, request, attempt);

/** What this engine does for `replace`. */
export const replacing: Omit<ReplaceTools<Connection>, 'access'> = {
  lockPair,
  lockUsage,
  appendLocked: (tx, { owner, name }, appending) => appendTo(tx, { owner, mailbox: name }, appending),
  removeMessages,
  isTooMuch,
};

async function isTooMuch(tx: Connection, { from, uid, owner, message, limits, own }: Replaced): Promise<boolean> {
  const found = await firstRow(tx, {
    name: 'replace-excess',
    text: `SELECT 1 FROM mail.usage u LEFT JOIN mail.account a ON a.name = u.owner
      WHERE u.owner = $1 AND (
        u.storage > coalesce(a.quota_storage, $2::bigint) AND coalesce(a.quota_storage, $2) >= 0
          AND $4::bigint > CASE WHEN $7 THEN (SELECT t.size FROM mail.tombstone t WHERE t.mailbox = $5 AND t.uid = $6) ELSE 0 END
        OR NOT $7::boolean AND u.messages > coalesce(a.quota_messages, $3::bigint) AND coalesce(a.quota_messages, $3) >= 0)`,
    values: [owner, limitValue(limits.STORAGE), limitValue(limits.MESSAGE), message.staged.size, from, uid, own],
  });
  return found !== null;
}
