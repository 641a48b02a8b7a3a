import { systemFlags } from '../../types.ts';
import { currentEpoch } from '../epoch-sql.ts';

/**
 * Fragments that move the counters of a mailbox row together with its messages, in one statement. `b` is the mailbox row.
 */
const { '\\Seen': SEEN, '\\Deleted': DELETED } = systemFlags;

/** A set of messages (columns size and flags) in numbers: n, size, unseen, deleted. */
export const totalOf = (messages: string): string => `
  SELECT count(*) AS n, coalesce(sum(size), 0) AS size, count(*) FILTER (WHERE flags & ${SEEN} = 0) AS unseen,
    count(*) FILTER (WHERE flags & ${DELETED} <> 0) AS deleted FROM ${messages}`;

/**
 * Makes room for the messages counted in `total`: to be followed by WHERE, which says which mailbox, and RETURNING. The
 * row is locked until COMMIT, so the UIDs from `firstAdded` on are theirs alone.
 */
export const addTotal = `
  UPDATE mail.mailbox b SET uid_next = b.uid_next + t.n, modseq = b.modseq + 1, messages = b.messages + t.n,
    unseen = b.unseen + t.unseen, deleted = b.deleted + t.deleted, size = b.size + t.size, epoch = ${currentEpoch}
  FROM total t`;

/** The first UID of what `addTotal` made room for, in its RETURNING. */
export const firstAdded = 'b.uid_next - t.n';

/**
 * The queries `mailbox` and `written`: give the messages in `hit` (uid, at, flags, keywords, new_flags, new_keywords) of
 * mailbox $1 their new flags and one new mod-sequence, and move the counters by the differences. The mailbox row has to be
 * locked before the statement begins, so that the rows stay where they were found (`at`, their ctid): looked up by their key they
 * would cost a fifth more. Where nothing is hit the mailbox keeps its mod-sequence, and `mailbox` is empty.
 */
export const writeHit = `
  mailbox AS (
    UPDATE mail.mailbox b SET modseq = b.modseq + 1, epoch = ${currentEpoch},
      unseen = b.unseen + d.unseen, deleted = b.deleted + d.deleted
    FROM (SELECT count(*) AS n, coalesce(sum(${unset(SEEN, 'new_flags')} - ${unset(SEEN, 'flags')}), 0) AS unseen,
        coalesce(sum(${unset(DELETED, 'flags')} - ${unset(DELETED, 'new_flags')}), 0) AS deleted FROM hit) d
    WHERE b.id = $1 AND d.n > 0 RETURNING b.modseq
  ), written AS (
    UPDATE mail.message m SET flags = hit.new_flags, keywords = hit.new_keywords, modseq = mailbox.modseq
    FROM hit, mailbox WHERE m.ctid = hit.at
  )`;

/** 1 where a flag is not set, 0 where it is. */
function unset(flag: number, flags: string): string {
  return `(${flags} & ${flag} = 0)::int`;
}
