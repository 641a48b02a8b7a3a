import type { Attempt, RepositoryAccess } from '../../routing/repository-access.ts';
import type { Expunge, ExpungeOutcome } from '../store.ts';
import type { ModSeq, Uid } from '../types.ts';
import { expungedOf, type StoredExpunge } from './stored-expunge.ts';
import { writeUids } from './uid-ranges.ts';

export type Remove = Omit<Expunge, 'operation'>;
export type Removed = { readonly uids: readonly Uid[]; readonly modSeq: ModSeq };

export type ExpungeTools<C> = {
  readonly access: RepositoryAccess<C>;
  /** Step by step; null: there is no such mailbox. */
  remove(tx: C, request: Expunge): Promise<Removed | null>;
  /** As a whole in one round trip. */
  removeAtOnce(c: C, request: Expunge, epoch: number): Promise<StoredExpunge>;
};

/** Removes messages and leaves tombstones; content stays for the collector. */
export async function expunge<C>(
  { access, remove, removeAtOnce }: ExpungeTools<C>,
  request: Expunge,
  attempt: Attempt,
): Promise<ExpungeOutcome> {
  const { operation } = request;
  const work = async (tx: C): Promise<StoredExpunge> => {
    const removed = await remove(tx, request);
    if (removed === null) return { kind: 'gone' };
    return { kind: 'expunged', uids: writeUids(removed.uids), modSeq: removed.modSeq };
  };
  const send = (c: C, epoch: number): Promise<StoredExpunge> => removeAtOnce(c, request, epoch);
  return expungedOf(await access.mutateAtOnce({ operation, work, send }, attempt));
}
