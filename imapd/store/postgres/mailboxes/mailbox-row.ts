import type { Fork, MailboxState } from '../../mailbox-state.ts';
import type { MailboxId, ModSeq, Uid, UidValidity } from '../../types.ts';

/**
 * Columns of `MailboxState`, from a mailbox row named `m`. The jump of unplanned promotions since the row's last write is
 * not added here: `pending` carries it and `mailboxState` adds it, so that a listing needs no arithmetic a row.
 */
export const mailboxColumns = `
  m.id, m.owner, m.name, m.uid_validity::float8, m.uid_next::float8, m.modseq::float8, m.recent_from::float8,
  m.messages::float8, m.unseen::float8, m.deleted::float8, m.size::float8, m.keywords, m.special_use,
  m.expunges_known_from::float8,
  CASE WHEN m.recent_from >= m.uid_next THEN 0
    ELSE (SELECT count(*) FROM mail.message r WHERE r.mailbox = m.id AND r.uid >= m.recent_from) END::float8 AS recent,
  (SELECT json_agg(json_build_object('modSeq', f.modseq, 'gap', f.gap) ORDER BY f.epoch)
    FROM mail.fork f WHERE f.mailbox = m.id) AS forks,
  (SELECT json_agg(e.uid_gap ORDER BY e.epoch)
    FROM imapcluster.repository_epoch e WHERE e.epoch > m.epoch AND e.uid_gap > 0) AS pending`;

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
