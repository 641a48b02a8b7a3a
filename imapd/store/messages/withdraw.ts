import type { Attempt, RepositoryAccess } from '../../routing/repository-access.ts';
import { derivedOperation } from '../operations/derived-operation.ts';
import type { Store, Withdraw } from '../store.ts';
import { appendedUids, type StoredAppend } from './stored-append.ts';

type WithdrawTools<C> = {
  readonly access: RepositoryAccess<C>;
  readonly expunge: Store['expunge'];
};

const WITHDRAWN = { kind: 'withdrawn' } as const;

/**
 * Takes the id of the operation for itself: either an APPEND has had it, and its messages are expunged, or none can have it any
 * more, not even one that is still on its way to COMMIT.
 */
export async function withdraw<C>(
  { access, expunge }: WithdrawTools<C>,
  { operation, messages }: Withdraw,
  attempt: Attempt,
): Promise<void> {
  const stored = await access.mutate<StoredAppend | typeof WITHDRAWN>(operation, async () => WITHDRAWN, attempt);
  if ('kind' in stored) return;
  const { mailbox, firstUid } = stored;
  const request = { mailbox, uids: appendedUids(firstUid, messages), onlyDeleted: false };
  await expunge({ operation: derivedOperation(operation, 'withdraw'), ...request }, attempt);
}
