import type { MailboxId, ModSeq, Uid, UidValidity } from '../types.ts';

/** What is stored of an outcome: UIDs of one APPEND are consecutive, so the first says all. */
export type StoredAppend = {
  readonly mailbox: MailboxId;
  readonly uidValidity: UidValidity;
  readonly firstUid: number;
  readonly modSeq: ModSeq;
};

export const appendedUids = (first: number, count: number): readonly Uid[] =>
  Array.from({ length: count }, (_, i) => (first + i) as Uid);
