import type { Brought, MessageStatements, TailRow } from '../../salvage/salvage-statements.ts';
import { COLLECTOR_LOCK } from '../collect/collect-steps.ts';
import { type Connection, onlyRow, rows } from '../connection.ts';
import { addTotal, firstAdded, totalOf } from '../messages/counter-sql.ts';
import { operationStatements } from './operation-statements.ts';

export const messageStatements: MessageStatements<Connection> = {
  page: (source, { mailbox, from, most }) =>
    rows<TailRow>(source, {
      name: 'salvage-tail',
      text: `SELECT m.uid::float8, m.content, m.operation, m.flags, m.keywords::text, m.size::float8,
          m.internal_date AS "internalDate", encode(c.hash, 'hex') AS hash
        FROM mail.message m JOIN mail.content c ON c.id = m.content
        WHERE m.mailbox = $1 AND m.uid >= $2 ORDER BY m.uid LIMIT $3`,
      values: [mailbox, from, most],
    }),

  async knowledge(c, { member, mailbox, from, messages }) {
    const uids = messages.map((row) => row.uid);
    const operations = [...new Set(messages.map((row) => row.operation))];
    const hashes = [...new Set(messages.map((row) => row.hash))];
    const [decided, repeated, arrived] = await Promise.all([
      rows<{ uid: number }>(c, {
        name: 'salvage-decided',
        text: `SELECT old_uid::float8 AS uid FROM mail.salvaged
          WHERE member = $1 AND mailbox = $2 AND old_uid = ANY($3::bigint[])`,
        values: [member, mailbox, uids],
      }),
      operationStatements.known(c, operations),
      rows<{ hash: string; uids: number[] }>(c, {
        name: 'salvage-arrived',
        text: arrivedText,
        values: [mailbox, from, hashes],
      }),
    ]);
    return {
      decided: new Set(decided.map((row) => row.uid)),
      operations: repeated,
      arrived: new Map(arrived.map((row) => [row.hash, row.uids])),
    };
  },

  async lockCollector(tx) {
    await rows(tx, { text: 'SELECT pg_advisory_xact_lock($1)', values: [COLLECTOR_LOCK] });
  },

  async bring(tx, { member, mailbox, into, messages, masks }: Brought) {
    const { missing } = await onlyRow<{ missing: number }>(tx, {
      name: 'salvage-insert',
      text: insertText,
      values: [
        into.id,
        messages.map((row) => row.content),
        messages.map((row) => row.operation),
        messages.map((row) => row.size),
        messages.map((row) => row.flags),
        masks,
        messages.map((row) => row.internalDate),
        messages.map((row) => row.uid),
        member,
        mailbox,
      ],
    });
    return missing;
  },

  async note(tx, { member, mailbox, into, known }) {
    await rows(tx, {
      name: 'salvage-note',
      text: `INSERT INTO mail.salvaged (member, mailbox, old_uid, new_mailbox, new_uid, brought)
        SELECT $1, $2, k.old_uid, CASE WHEN k.new_uid IS NOT NULL THEN $3::uuid END, k.new_uid, false
        FROM unnest($4::bigint[], $5::bigint[]) AS k(old_uid, new_uid)`,
      values: [member, mailbox, into, known.map((row) => row.oldUid), known.map((row) => row.newUid)],
    });
  },
};

/** Expunged ones count: whoever expunged the message has seen it. */
const arrivedText = `
  SELECT encode(c.hash, 'hex') AS hash, array_agg(m.uid::float8 ORDER BY m.uid) AS uids FROM (
    SELECT uid, content FROM mail.message WHERE mailbox = $1 AND uid >= $2
    UNION ALL SELECT uid, content FROM mail.tombstone WHERE mailbox = $1 AND uid >= $2
  ) m JOIN mail.content c ON c.id = m.content
  WHERE c.hash = ANY(SELECT decode(unnest($3::text[]), 'hex'))
    AND NOT EXISTS (SELECT 1 FROM mail.salvaged s WHERE s.new_mailbox = $1 AND s.new_uid = m.uid)
  GROUP BY c.hash`;

const insertText = `
  WITH incoming AS (
    SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::smallint[], $6::bigint[], $7::timestamptz[], $8::bigint[])
      WITH ORDINALITY AS i(content, operation, size, flags, keywords, internal_date, old_uid, n)
  ), total AS (${totalOf('incoming')}
  ), arrived AS (
    DELETE FROM mail.staged s USING incoming i WHERE s.content = i.content
  ), target AS (
    ${addTotal} WHERE b.id = $1 RETURNING ${firstAdded} AS first_uid, b.modseq
  ), stored AS (
    INSERT INTO mail.message (mailbox, uid, modseq, content, operation, keywords, size, internal_date, flags)
    SELECT $1, t.first_uid + i.n - 1, t.modseq, i.content, i.operation, i.keywords, i.size, i.internal_date, i.flags
    FROM target t, incoming i
  ), noted AS (
    INSERT INTO mail.salvaged (member, mailbox, old_uid, new_mailbox, new_uid, brought)
    SELECT $9, $10, i.old_uid, $1, t.first_uid + i.n - 1, true FROM target t, incoming i
  )
  SELECT count(*)::float8 AS missing FROM incoming i
  WHERE NOT EXISTS (SELECT 1 FROM mail.content c WHERE c.id = i.content)`;
