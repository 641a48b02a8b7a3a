import type { Attempt } from '../../routing/repository-access.ts';
import { isAnother, type LockedMailbox } from '../mailboxes/locked-mailbox.ts';
import { rollBackWith, withOutcome } from '../operations/outcome.ts';
import type { QuotaLimits } from '../quota.ts';
import type { Expunge, ReplaceMessage, ReplaceOutcome } from '../store.ts';
import type { ModSeq, Uid } from '../types.ts';
import type { Appending } from './append.ts';
import type { CopyTools } from './copy.ts';
import type { StoredAppend } from './stored-append.ts';

export type LimitedReplace = ReplaceMessage & { readonly limits: QuotaLimits };

/** A message that takes the place of another, when both is done. */
export type Replaced = LimitedReplace & {
  /** Both mailboxes are the owner's. */
  readonly own: boolean;
};

export type ReplaceTools<C> = Pick<CopyTools<C>, 'access' | 'lockPair' | 'lockUsage'> & {
  /** @throws an outcome for `withOutcome` where it cannot be done */
  appendLocked(tx: C, mailbox: LockedMailbox, appending: Appending): Promise<StoredAppend>;
  removeMessages(
    tx: C,
    request: Omit<Expunge, 'operation'>,
  ): Promise<{ readonly uids: readonly Uid[]; readonly modSeq: ModSeq }>;
  /**
   * Asked when both is done: the owner's usage is locked by then. A message in place of one that was no smaller is never too
   * much, whatever there is already.
   */
  isTooMuch(tx: C, replaced: Replaced): Promise<boolean>;
};

/** REPLACE in one transaction: nobody sees both messages, or neither. */
export async function replace<C>(
  tools: ReplaceTools<C>,
  request: LimitedReplace,
  attempt: Attempt,
): Promise<ReplaceOutcome> {
  const work = (tx: C): Promise<ReplaceOutcome> => replaceIn(tools, tx, request);
  return await withOutcome(tools.access.mutate(request.operation, work, attempt));
}

/** The same in a transaction. @throws an outcome for `withOutcome` where it cannot be done */
export async function replaceIn<C>(
  tools: Omit<ReplaceTools<C>, 'access'>,
  tx: C,
  request: LimitedReplace,
): Promise<ReplaceOutcome> {
  const { operation, from, uid, owner, mailbox, message } = request;
  const locked = await tools.lockPair(tx, { from, owner, to: mailbox });
  const source = locked.find(({ id }) => id === from);
  if (source === undefined) return { kind: 'gone' };
  const target = locked.find((each) => each.owner === owner && each.name === mailbox);
  if (target === undefined || isAnother(target, request)) return { kind: 'noMailbox' };
  const own = source.owner === target.owner;
  if (!own) await tools.lockUsage(tx, [source.owner, target.owner]);
  const appended = await tools.appendLocked(tx, target, { operation, messages: [message], limits: null });
  const { uids, modSeq } = await tools.removeMessages(tx, { mailbox: from, uids: [uid], onlyDeleted: false });
  if (uids.length === 0) rollBackWith({ kind: 'gone' });
  if (await tools.isTooMuch(tx, { ...request, own })) rollBackWith({ kind: 'overQuota' });
  const { uidValidity, firstUid } = appended;
  return { kind: 'replaced', mailbox: appended.mailbox, uidValidity, uid: firstUid as Uid, modSeq };
}
