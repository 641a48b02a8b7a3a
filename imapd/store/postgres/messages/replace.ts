import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import { isAnother, type LockedMailbox } from '../../mailboxes/locked-mailbox.ts';
import { rollBackWith, withOutcome } from '../../operations/outcome.ts';
import type { QuotaLimits } from '../../quota.ts';
import { limitValue } from '../../quota-values.ts';
import type { ReplaceMessage, ReplaceOutcome } from '../../store.ts';
import type { Uid } from '../../types.ts';
import { type Connection, firstRow } from '../connection.ts';
import { lockPair } from '../mailboxes/lock-mailbox.ts';
import { lockUsage } from '../operations/lock-owner.ts';
import { appendTo } from './append.ts';
import { removeMessages } from './expunge.ts';

type Replace = ReplaceMessage & { readonly limits: QuotaLimits };

/** REPLACE in one transaction: nobody sees both messages, or neither. */
export async function replace(
  access: RepositoryAccess<Connection>,
  request: Replace,
  attempt: Attempt,
): Promise<ReplaceOutcome> {
  return await withOutcome(access.mutate<ReplaceOutcome>(request.operation, (tx) => replaceIn(tx, request), attempt));
}

async function replaceIn(tx: Connection, request: Replace): Promise<ReplaceOutcome> {
  const { operation, from, uid, owner, mailbox, message } = request;
  const locked = await lockPair(tx, { from, owner, to: mailbox });
  if (!locked.some(({ id }) => id === from)) return { kind: 'gone' };
  const target = locked.find((each) => each.owner === owner && each.name === mailbox);
  if (target !== undefined && isAnother(target, request)) return { kind: 'noMailbox' };
  const owners = new Set(locked.map((each) => each.owner));
  if (owners.size > 1) await lockUsage(tx, [...owners]);
  const { firstUid, uidValidity, ...appended } = await appendTo(
    tx,
    { owner, mailbox },
    { operation, messages: [message], limits: null },
  );
  const { uids, modSeq } = await removeMessages(tx, { mailbox: from, uids: [uid], onlyDeleted: false });
  if (uids.length === 0) rollBackWith({ kind: 'gone' });
  if (await isTooMuch(tx, locked, request)) rollBackWith({ kind: 'overQuota' });
  return { kind: 'replaced', mailbox: appended.mailbox, uidValidity, uid: firstUid as Uid, modSeq };
}

/**
 * Asked when both is done: the owner's usage is locked by then. A message in place of one that was no smaller is never too
 * much, whatever there is already.
 */
async function isTooMuch(
  tx: Connection,
  locked: readonly LockedMailbox[],
  { from, uid, owner, mailbox, message, limits }: Replace,
): Promise<boolean> {
  const target = locked.find((each) => each.owner === owner && each.name === mailbox);
  const own = locked.some(({ id, owner: of }) => id === from && of === target?.owner);
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
