import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import { type Replaced, type ReplaceTools, replace as replaceBy } from '../../messages/replace.ts';
import type { QuotaLimits } from '../../quota.ts';
import { limitValue } from '../../quota-values.ts';
import type { ReplaceMessage, ReplaceOutcome } from '../../store.ts';
import { type Connection, firstRow } from '../connection.ts';
import { lockPair } from '../mailboxes/lock-mailbox.ts';
import { lockUsage } from '../operations/usage.ts';
import { sql } from '../sql.ts';
import { appendLocked } from './append.ts';
import { removeMessages } from './expunge.ts';

export const replace = (
  access: RepositoryAccess<Connection>,
  request: ReplaceMessage & { readonly limits: QuotaLimits },
  attempt: Attempt,
): Promise<ReplaceOutcome> => replaceBy({ access, ...replacing }, request, attempt);

/** What these engines do for `replace`. */
export const replacing: Omit<ReplaceTools<Connection>, 'access'> = {
  lockPair,
  lockUsage,
  appendLocked,
  removeMessages,
  isTooMuch,
};

async function isTooMuch(tx: Connection, { from, uid, owner, message, limits, own }: Replaced): Promise<boolean> {
  const most = { storage: limitValue(limits.STORAGE), messages: limitValue(limits.MESSAGE) };
  const replaced = sql`(SELECT t.size FROM tombstone t WHERE t.mailbox = ${uuidOctets(from)} AND t.uid = ${uid})`;
  const found = await firstRow(tx, {
    name: 'replace-excess',
    ...sql`SELECT 1 FROM usage_of u LEFT JOIN account a ON a.name = u.owner
      WHERE u.owner = ${owner} AND (
        u.storage > COALESCE(a.quota_storage, ${most.storage}) AND COALESCE(a.quota_storage, ${most.storage}) >= 0
          AND ${message.staged.size} > IF(${own}, ${replaced}, 0)
        OR NOT ${own} AND u.messages > COALESCE(a.quota_messages, ${most.messages})
          AND COALESCE(a.quota_messages, ${most.messages}) >= 0)`,
  });
  return found !== null;
}
