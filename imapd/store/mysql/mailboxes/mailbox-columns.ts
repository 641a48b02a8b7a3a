import type { Fork } from '../../mailbox-state.ts';
import type { MailboxRow } from '../../mailboxes/mailbox-row.ts';
import type { ModSeq } from '../../types.ts';
import { wordsOf } from '../words.ts';

/** Lists that a column holds as a text: `modseq:gap,…`, `gap,…`. The servers' functions for JSON know no order. */
type ListText = string | Buffer | null;

/** A name: in a UNION MySQL has a long VARBINARY as a BLOB. */
export type NameText = string | Buffer;

/** A mailbox as the columns give it: see `mailboxRow`. */
export type MailboxColumns = Omit<MailboxRow, 'owner' | 'name' | 'keywords' | 'special_use' | 'forks' | 'pending'> & {
  readonly owner: NameText;
  readonly name: NameText;
  readonly keywords: Buffer;
  readonly special_use: string;
  readonly forks: ListText;
  readonly pending: ListText;
};

/**
 * Of a mailbox row named `m`. The jump of unplanned promotions since the row's last write is not added here: `pending` carries it
 * and `mailboxState` adds it, so that a listing needs no arithmetic a row.
 */
export const mailboxColumns = `
  m.id, m.owner, m.name, m.uid_validity, m.uid_next, m.modseq, m.recent_from, m.messages, m.unseen, m.deleted, m.size,
  m.keywords, m.special_use, m.expunges_known_from,
  CASE WHEN m.recent_from >= m.uid_next THEN 0
    ELSE (SELECT COUNT(*) FROM message r WHERE r.mailbox = m.id AND r.uid >= m.recent_from) END AS recent,
  (SELECT GROUP_CONCAT(CONCAT(f.modseq, ':', f.gap) ORDER BY f.epoch SEPARATOR ',') FROM fork f WHERE f.mailbox = m.id) AS forks,
  (SELECT GROUP_CONCAT(ep.uid_gap ORDER BY ep.epoch SEPARATOR ',')
    FROM repository_epoch ep WHERE ep.epoch > m.epoch AND ep.uid_gap > 0) AS pending`;

/** The row with its lists as lists, and whatever else is in it. */
export const mailboxRow = <R extends MailboxColumns>(row: R) => ({
  ...row,
  owner: row.owner.toString(),
  name: row.name.toString(),
  keywords: wordsOf(row.keywords),
  special_use: wordsOf(row.special_use),
  forks: listOf(row.forks).map(forkOf),
  pending: listOf(row.pending).map(Number),
});

const listOf = (text: ListText): string[] => (text === null ? [] : text.toString().split(','));

function forkOf(text: string): Fork {
  const [modSeq, gap] = text.split(':').map(Number);
  return { modSeq: modSeq as ModSeq, gap: gap as number };
}
