import type { CopyOutcome } from '../store.ts';
import type { MailboxId, ModSeq, Uid, UidValidity } from '../types.ts';
import { readUids } from './uid-ranges.ts';

/** What is stored of an outcome. UIDs of the copies are consecutive: the first and the sources say all. */
export type StoredCopy = {
  readonly kind: 'copied';
  readonly mailbox: MailboxId;
  readonly uidValidity: UidValidity;
  readonly source: string;
  readonly firstTarget: number;
  readonly modSeq: ModSeq;
};

export function copiedOf({ firstTarget, source, ...rest }: StoredCopy): CopyOutcome {
  const uids = readUids(source);
  return { ...rest, source: uids, target: uids.map((_, i) => (firstTarget + i) as Uid) };
}
