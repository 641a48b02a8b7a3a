import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import type { Marks } from '../../readers/marks.ts';
import type { ReaderTools } from '../../readers/reader-tools.ts';
import type { MailboxId, ModSeq } from '../../types.ts';
import { batch, type Connection, rows } from '../connection.ts';
import { currentEpoch } from '../epoch-sql.ts';
import { sendInPackets } from '../operations/packets.ts';
import { join, raw, type Sql, sql } from '../sql.ts';
import { GatheredRows } from '../view/gathered-rows.ts';

type Statements = Pick<ReaderTools<Connection>, 'marksSince' | 'marksOf' | 'mark' | 'nextModSeq' | 'countUnseen'>;

/** Rows of one statement. */
const AT_ONCE = 1_000;

/** Marks of readers in SQL: a row for each message that somebody has seen in a mailbox of somebody else, or has seen once. */
export const marks: Statements = {
  marksSince: (c, { mailbox, reader, since }) =>
    selectMarks(c, 'marks-since', [
      sql`FORCE INDEX (seen_by_reader) WHERE mailbox = ${uuidOctets(mailbox)} AND reader = ${reader} AND modseq > ${since}`,
    ]),

  // Each by its key: in a range of UIDs there would be the marks of all readers.
  marksOf: (c, { mailbox, reader, uids }) =>
    selectMarks(
      c,
      'marks-of',
      slices([...uids].sort((one, other) => one - other)).map(
        (some) => sql`FORCE INDEX (PRIMARY)
          WHERE mailbox = ${uuidOctets(mailbox)} AND reader = ${reader} AND uid IN (${some})`,
      ),
    ),

  async mark(tx, { mailbox, reader, uids, seen, modSeq }) {
    const box = uuidOctets(mailbox);
    const made = uids.map((uid) => sql`(${box}, ${uid}, ${reader}, ${modSeq}, ${seen})`);
    await sendInPackets(
      tx,
      slices(made).map((some) => ({
        name: 'marks-write',
        ...sql`INSERT INTO seen (mailbox, uid, reader, modseq, seen) VALUES ${join(some, ', ')}
          ON DUPLICATE KEY UPDATE modseq = ${modSeq}, seen = ${seen}`,
      })),
    );
  },

  async nextModSeq(tx, mailbox) {
    const id = uuidOctets(mailbox);
    const [, found = []] = await batch(tx, [
      {
        name: 'marks-modseq',
        text: `UPDATE mailbox SET modseq = modseq + 1, epoch = ${currentEpoch} WHERE id = ?`,
        values: [id],
      },
      { name: 'marks-modseq-told', text: 'SELECT modseq FROM mailbox WHERE id = ?', values: [id] },
    ]);
    const [row] = found as { readonly modseq: ModSeq }[];
    if (row === undefined) throw new Error('a locked mailbox has no row');
    return row.modseq;
  },

  async countUnseen(c, { mailboxes, reader }) {
    if (mailboxes.length === 0) return new Map();
    const found = await rows<{ id: MailboxId; unseen: number }>(c, {
      name: 'marks-count',
      // Of messages that are expunged the marks stay until the collector comes.
      ...sql`SELECT b.id, b.messages - (SELECT COUNT(*) FROM seen s JOIN message m ON m.mailbox = s.mailbox AND m.uid = s.uid
          WHERE s.mailbox = b.id AND s.reader = ${reader} AND s.seen) AS unseen
        FROM mailbox b WHERE b.id IN (${mailboxes.map(uuidOctets)})`,
    });
    return new Map(found.map(({ id, unseen }) => [id, Number(unseen)]));
  },
};

/** @param places each what follows the name of the table; together in ascending order of UID */
async function selectMarks(c: Connection, name: string, places: readonly Sql[]): Promise<Marks> {
  const gathered = new GatheredRows();
  await sendInPackets(
    c,
    places.map((place) => ({
      name,
      ...sql`SELECT uid, ${raw(MARK_COLUMNS)} FROM seen ${place} ORDER BY uid`,
      take: (row) => gathered.add(row),
    })),
  );
  return gathered.end();
}

/** As `GatheredRows` takes them. */
const MARK_COLUMNS = 'seen AS flags, 0 AS low, 0 AS high, modseq';

const slices = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / AT_ONCE) }, (_, i) => all.slice(i * AT_ONCE, (i + 1) * AT_ONCE));
