import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import type { Brought, MessageStatements, OfMember, TailRow } from '../../salvage/salvage-statements.ts';
import { batch, type Connection, rows, type Statement } from '../connection.ts';
import { addTotal, totalOf } from '../messages/counter-sql.ts';
import { lockCollector } from '../operations/lock-slots.ts';
import { sendInPackets } from '../operations/packets.ts';
import { addUsage } from '../operations/usage.ts';
import { join, type Sql, sql } from '../sql.ts';
import { operationsNamed } from './operation-statements.ts';

export const messageStatements: MessageStatements<Connection> = {
  async page(source, { mailbox, from, most }) {
    const found = await rows<Omit<TailRow, 'hash'> & Hashed>(source, {
      name: 'salvage-tail',
      text: `SELECT m.uid, m.content, m.operation, m.flags, CAST(m.keywords AS CHAR) AS keywords, m.size,
          m.internal_date AS internalDate, c.hash
        FROM message m FORCE INDEX (PRIMARY) STRAIGHT_JOIN content c ON c.id = m.content
        WHERE m.mailbox = ? AND m.uid >= ? ORDER BY m.uid LIMIT ?`,
      values: [uuidOctets(mailbox), from, most],
    });
    return found.map(({ hash, ...row }) => ({ ...row, hash: hash.toString('hex') }));
  },

  async knowledge(c, { member, mailbox, from, messages }) {
    const box = uuidOctets(mailbox);
    const uids = messages.map(({ uid }) => uid);
    const operations = [...new Set(messages.map(({ operation }) => operation))];
    const hashes = [...new Set(messages.map(({ hash }) => hash))].map((hash) => Buffer.from(hash, 'hex'));
    const [decided, repeated, there, expunged] = (await batch(c, [
      {
        name: 'salvage-decided',
        text: 'SELECT old_uid AS uid FROM salvaged WHERE member = ? AND mailbox = ? AND old_uid IN (?)',
        values: [member, box, uids],
      },
      operationsNamed(operations),
      // Expunged ones count: whoever expunged the message has seen it.
      ...['message', 'tombstone'].map((table) => selectArrived(table, { box, from, hashes })),
    ])) as [Uid[], { readonly id: string }[], Arrived[], Arrived[]];
    const arrived = [...there, ...expunged].sort((a, b) => a.uid - b.uid);
    const byHash = Map.groupBy(arrived, ({ hash }) => hash.toString('hex'));
    return {
      decided: new Set(decided.map(({ uid }) => uid)),
      operations: new Set(repeated.map(({ id }) => id)),
      arrived: new Map([...byHash].map(([hash, of]) => [hash, of.map(({ uid }) => uid)])),
    };
  },

  lockCollector,

  async bring(tx, brought) {
    const { into, messages } = brought;
    const box = sql`${uuidOctets(into.id)}`;
    const total = totalOf(messages);
    const contents = [...new Set(messages.map(({ content }) => content))].map(uuidOctets);
    const answers = await sendInPackets(tx, [
      {
        name: 'salvage-target',
        ...sql`SELECT uid_next, modseq + 1 INTO @first, @modseq FROM mailbox WHERE id = ${box}`,
      },
      addTotal(box, total),
      addUsage(sql`${into.owner}`, { storage: total.size, messages: total.n }),
      insertMessages(box, brought),
      { name: 'uploads-forget', text: 'DELETE FROM staged WHERE content IN (?)', values: [contents] },
      insertSalvaged(
        brought,
        messages.map(({ uid }, i) => sql`${uid}, ${box}, @first + ${i}, TRUE`),
      ),
      {
        name: 'salvage-missing',
        ...sql`SELECT COUNT(*) AS missing FROM message m FORCE INDEX (PRIMARY)
          WHERE m.mailbox = ${box} AND m.uid >= @first AND NOT EXISTS (SELECT 1 FROM content c WHERE c.id = m.content)`,
      },
    ]);
    const [{ missing }] = answers.at(-1) as [{ readonly missing: number }];
    return missing;
  },

  async note(tx, { member, mailbox, into, known }) {
    const each = known.map(({ oldUid, newUid }) =>
      newUid === null ? sql`${oldUid}, NULL, NULL, FALSE` : sql`${oldUid}, ${uuidOctets(into)}, ${newUid}, FALSE`,
    );
    await rows(tx, insertSalvaged({ member, mailbox }, each));
  },
};

type Uid = { readonly uid: number };
type Hashed = { readonly hash: Buffer };
type Arrived = Uid & Hashed;

/** What came after the fork, and stands for no message of the tail. */
const selectArrived = (
  table: string,
  { box, from, hashes }: { readonly box: Buffer; readonly from: number; readonly hashes: readonly Buffer[] },
): Statement => ({
  name: 'salvage-arrived',
  text: `SELECT m.uid, c.hash FROM ${table} m FORCE INDEX (PRIMARY) STRAIGHT_JOIN content c ON c.id = m.content
    WHERE m.mailbox = ? AND m.uid >= ? AND c.hash IN (?)
      AND NOT EXISTS (SELECT 1 FROM salvaged s WHERE s.new_mailbox = ? AND s.new_uid = m.uid)`,
  values: [box, from, hashes, box],
});

function insertMessages(box: Sql, { messages, masks }: Brought): Statement {
  const each = messages.map(
    ({ content, operation, size, internalDate, flags }, i) =>
      sql`(${box}, @first + ${i}, @modseq, ${BigInt(masks[i] ?? 0)}, ${size}, ${internalDate}, ${flags},
        ${uuidOctets(content)}, ${uuidOctets(operation)})`,
  );
  return {
    name: 'salvage-insert',
    ...sql`INSERT INTO message (mailbox, uid, modseq, keywords, size, internal_date, flags, content, operation)
      VALUES ${join(each, ', ')}`,
  };
}

/** @param decisions UID there, mailbox and UID here, whether it was brought */
function insertSalvaged({ member, mailbox }: OfMember, decisions: readonly Sql[]): Statement {
  const of = uuidOctets(mailbox);
  const each = decisions.map((decision) => sql`(${member}, ${of}, ${decision})`);
  return {
    name: 'salvage-note',
    ...sql`INSERT INTO salvaged (member, mailbox, old_uid, new_mailbox, new_uid, brought) VALUES ${join(each, ', ')}`,
  };
}
