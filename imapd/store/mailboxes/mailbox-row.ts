import { changesSince, type Fork, type MailboxState } from '../mailbox-state.ts';
import type { MailboxId, ModSeq, Uid, UidValidity } from '../types.ts';

/**
 * A mailbox as it is read. The jump of unplanned promotions since the row's last write is not in its numbers: `pending` carries it
 * and `mailboxState` adds it, so that a listing needs no arithmetic a row.
 */
export type MailboxRow = {
  readonly id: MailboxId;
  readonly owner: string;
  readonly name: string;
  readonly uid_validity: UidValidity;
  readonly uid_next: number;
  readonly modseq: number;
  readonly recent_from: Uid;
  readonly recent: number;
  readonly messages: number;
  readonly unseen: number;
  readonly deleted: number;
  readonly size: number;
  readonly keywords: readonly string[];
  readonly special_use: readonly string[];
  readonly expunges_known_from: number;
  readonly forks: readonly Fork[] | null;
  /** Gaps of the epochs above the row's own, ascending. */
  readonly pending: readonly number[] | null;
};

/** The row as clients see it: with the jumps that its next write will make real. */
export function mailboxState(row: MailboxRow): MailboxState {
  const forks = [...(row.forks ?? [])];
  let shift = 0;
  for (const gap of row.pending ?? []) {
    forks.push({ modSeq: (row.modseq + shift) as ModSeq, gap });
    shift += gap;
  }
  return {
    id: row.id,
    owner: row.owner,
    name: row.name,
    uidValidity: row.uid_validity,
    uidNext: (row.uid_next + shift) as Uid,
    highestModSeq: (row.modseq + shift) as ModSeq,
    messages: row.messages,
    unseen: row.unseen,
    deleted: row.deleted,
    size: row.size,
    keywords: row.keywords,
    recentFrom: row.recent_from,
    recent: row.recent,
    forks,
  };
}

/** The same where what happened after `since` can be told one by one; null: only the whole mailbox says it. */
export function stateSince(row: MailboxRow, since: ModSeq): MailboxState | null {
  const state = mailboxState(row);
  return changesSince(state, since) === since && row.expunges_known_from <= since ? state : null;
}
