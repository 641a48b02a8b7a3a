import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import type { ReplaceMessage, ReplaceOutcome } from '../../store.ts';
import type { Uid } from '../../types.ts';
import type { Connection } from '../connection.ts';
import { lockPair } from '../mailboxes/lock-mailbox.ts';
import { rollBackWith, withOutcome } from '../operations/outcome.ts';
import { appendTo } from './append.ts';
import { removeMessages } from './expunge.ts';

/** REPLACE in one transaction: nobody sees both messages, or neither. */
export async function replace(
  access: RepositoryAccess<Connection>,
  request: ReplaceMessage,
  attempt: Attempt,
): Promise<ReplaceOutcome> {
  return await withOutcome(access.mutate<ReplaceOutcome>(request.operation, (tx) => replaceIn(tx, request), attempt));
}

async function replaceIn(tx: Connection, request: ReplaceMessage): Promise<ReplaceOutcome> {
  const { operation, from, uid, owner, mailbox, message } = request;
  const locked = await lockPair(tx, { from, owner, to: mailbox });
  if (!locked.some(({ id }) => id === from)) return { kind: 'gone' };
  const { firstUid, uidValidity, ...appended } = await appendTo(
    tx,
    { owner, mailbox },
    { operation, messages: [message] },
  );
  const { uids, modSeq } = await removeMessages(tx, { mailbox: from, uids: [uid], onlyDeleted: false });
  if (uids.length === 0) rollBackWith({ kind: 'gone' });
  return { kind: 'replaced', mailbox: appended.mailbox, uidValidity, uid: firstUid as Uid, modSeq };
}
