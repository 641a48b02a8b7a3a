import { uidRanges } from '../../messages/uid-ranges.ts';
import type { Marks } from '../../readers/marks.ts';
import type { ReaderTools } from '../../readers/reader-tools.ts';
import type { MailboxId, ModSeq } from '../../types.ts';
import { type Connection, onlyRow, rows } from '../connection.ts';
import { currentEpoch } from '../epoch-sql.ts';
import { type PackedRows, packedColumns, unpackRows } from '../view/packed-rows.ts';

type Statements = Pick<ReaderTools<Connection>, 'marksSince' | 'marksOf' | 'mark' | 'nextModSeq' | 'countUnseen'>;

/** Marks of readers in SQL: a row for each message that somebody has seen in a mailbox of somebody else, or has seen once. */
export const marks: Statements = {
  marksSince: (c, { mailbox, reader, since }) =>
    selectMarks(c, {
      name: 'marks-since',
      // `OFFSET 0`: by the index of what is young, whatever the order.
      text: `SELECT * FROM (SELECT uid, seen, modseq FROM mail.seen
        WHERE mailbox = $1 AND reader = $2 AND modseq > $3 OFFSET 0) young`,
      values: [mailbox, reader, since],
    }),

  marksOf(c, { mailbox, reader, uids }) {
    const { from, to } = uidRanges(uids);
    return selectMarks(c, {
      name: 'marks-of',
      // A look at the key for each, come what may: by the index of readers every mark would be compared with every UID (152 s for
      // 160,000).
      text: `SELECT s.uid, s.seen, s.modseq
        FROM unnest($3::bigint[], $4::bigint[]) AS r(first, last), generate_series(r.first, r.last) AS u(uid),
          LATERAL (SELECT m.uid, m.seen, m.modseq FROM mail.seen m
            WHERE m.mailbox = $1 AND m.uid = u.uid AND m.reader = $2 OFFSET 0) s`,
      values: [mailbox, reader, from, to],
    });
  },

  async mark(tx, { mailbox, reader, uids, seen, modSeq }) {
    const { from, to } = uidRanges(uids);
    await rows(tx, {
      name: 'marks-write',
      text: `INSERT INTO mail.seen (mailbox, uid, reader, modseq, seen)
        SELECT $1, uid, $2, $5, $6
        FROM unnest($3::bigint[], $4::bigint[]) AS r(first, last), generate_series(r.first, r.last) AS uid
        ON CONFLICT (mailbox, uid, reader) DO UPDATE SET modseq = excluded.modseq, seen = excluded.seen`,
      values: [mailbox, reader, from, to, modSeq, seen],
    });
  },

  async nextModSeq(tx, mailbox) {
    const { modseq } = await onlyRow<{ modseq: ModSeq }>(tx, {
      name: 'marks-modseq',
      text: `UPDATE mail.mailbox SET modseq = modseq + 1, epoch = ${currentEpoch} WHERE id = $1 RETURNING modseq::float8`,
      values: [mailbox],
    });
    return modseq;
  },

  async countUnseen(c, { mailboxes, reader }) {
    const found = await rows<{ id: MailboxId; unseen: number }>(c, {
      name: 'marks-count',
      // Of messages that are expunged the marks stay until the collector comes.
      text: `SELECT b.id, (b.messages - (SELECT count(*) FROM mail.seen s JOIN mail.message m
            ON m.mailbox = s.mailbox AND m.uid = s.uid
          WHERE s.mailbox = b.id AND s.reader = $2 AND s.seen))::float8 AS unseen
        FROM mail.mailbox b WHERE b.id = ANY($1::uuid[])`,
      values: [mailboxes, reader],
    });
    return new Map(found.map(({ id, unseen }) => [id, unseen]));
  },
};

/** @param text a query of uid, seen and modseq */
async function selectMarks(
  c: Connection,
  { name, text, values }: { readonly name: string; readonly text: string; readonly values: unknown[] },
): Promise<Marks> {
  const packed = await onlyRow<PackedRows>(c, {
    name,
    text: `SELECT ${packedColumns} FROM (
      SELECT uid, seen::int::smallint AS flags, 0::bigint AS keywords, modseq FROM (${text}) marks ORDER BY uid) ordered`,
    values,
  });
  return unpackRows(packed);
}
