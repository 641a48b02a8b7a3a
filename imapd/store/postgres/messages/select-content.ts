import { type ContentField, HEAD_SIZE, type MessageContent, type ReadMessages } from '../../content-store.ts';
import { BESIDE_CONTENT, isSound, SIGNATURES } from '../../messages/content-fields.ts';
import { CHUNK_SIZE } from '../../messages/content-row.ts';
import { BATCH_BYTES, type ContentRow } from '../../messages/read-messages.ts';
import type { Connection } from '../connection.ts';
import { eachOctetRow } from '../octets/each-octet-row.ts';
import type { OctetRow } from '../octets/octet-row.ts';

type Column = {
  /** What the inner query takes from `m` (message) and `c` (content). */
  readonly inner: string;
  /** What the outer one selects of it. */
  readonly outer: string;
  /** Its size in octets, which PostgreSQL knows without fetching the value. */
  readonly size: string;
  readonly read: (row: OctetRow) => unknown;
};

const inContent = (name: string): Column => ({
  inner: `c.${name}`,
  outer: `s.${name}`,
  size: `octet_length(c.${name})`,
  read: (row) => row.bytea(),
});

const inSignature = (name: string): Column => ({
  inner: `g.${name} AS ${name}_signature`,
  outer: `s.${name}_signature`,
  size: `coalesce(octet_length(g.${name}), 0)`,
  read: (row) => row.bytea(),
});

/** Each field in SQL. */
const columns: Readonly<Record<ContentField, Column>> = {
  internalDate: { inner: 'm.internal_date', outer: 's.internal_date', size: '0', read: (row) => row.date() },
  savedAt: { inner: 'm.saved_at', outer: 's.saved_at', size: '0', read: (row) => row.date() },
  expunged: { inner: 'm.expunged', outer: 's.expunged', size: '0', read: (row) => row.boolean() },
  size: { inner: 'm.size', outer: 's.size::float8', size: '0', read: (row) => row.number() },
  sentDay: { inner: 'c.sent_day', outer: 's.sent_day::text', size: '0', read: (row) => row.text() },
  contentHash: { inner: 'c.hash AS content_hash', outer: 's.content_hash', size: '0', read: (row) => row.bytea() },
  header: inContent('header'),
  envelope: inContent('envelope'),
  body: inContent('body'),
  bodyStructure: inContent('body_structure'),
  partIndex: inContent('part_index'),
  head: {
    inner: 'c.size AS head_size',
    outer: 'head.data',
    size: `least(c.size, ${HEAD_SIZE})`,
    read: (row) => row.bytea(),
  },
  raw: {
    inner: 'c.hash, c.size AS raw_size',
    outer: 's.hash, raw.data',
    size: 'CASE WHEN c.size <= $3::bigint THEN c.size ELSE 0 END',
    read: readRaw,
  },
  headerSignature: inSignature('header'),
  bodySignature: inSignature('body'),
};

/** See `SelectContent`: sizes are known without fetching the values. */
export async function selectContent(c: Connection, request: ReadMessages): Promise<readonly ContentRow[]> {
  const fields = fieldsOf(request);
  const size = fields.map((field) => columns[field].size).join(' + ') || '0';
  const inner = fields.map((field) => `, ${columns[field].inner}`).join('');
  const outer = fields.map((field) => `, ${columns[field].outer}`).join('');
  const joined = fields.some((field) => !BESIDE_CONTENT.has(field));
  const signed = fields.some((field) => SIGNATURES.includes(field));
  const { mailbox, uids, rawUpTo = Number.MAX_SAFE_INTEGER } = request;
  const oneChunk = rawUpTo <= CHUNK_SIZE;
  const chunks = oneChunk ? chunkJoin : chunksJoin;
  const statement = {
    name: nameOf(fields, oneChunk),
    text: `
      WITH asked AS (
        SELECT a.uid, coalesce(m.content, t.content) AS content, coalesce(m.size, t.size) AS size,
          coalesce(m.internal_date, t.internal_date) AS internal_date, coalesce(m.saved_at, t.saved_at) AS saved_at,
          m.uid IS NULL AS expunged
        FROM unnest($2::bigint[]) AS a(uid)
        LEFT JOIN mail.message m ON m.mailbox = $1 AND m.uid = a.uid
        ${tombstoneJoin}
      )
      SELECT s.uid::float8, s.found, s.bytes${outer} FROM (
        SELECT m.uid, m.content, ${joined ? 'c.id' : 'm.content'} IS NOT NULL AS found, coalesce(${size}, 0)::float8 AS bytes,
          sum(coalesce(${size}, 0)::float8) OVER (ORDER BY m.uid ROWS UNBOUNDED PRECEDING) AS running${inner}
        FROM asked m ${joined ? 'LEFT JOIN mail.content c ON c.id = m.content' : ''} ${signed ? signatureJoin : ''}
      ) s ${fields.includes('raw') ? chunks : ''} ${fields.includes('head') ? headJoin : ''}
      WHERE s.running - s.bytes < ${BATCH_BYTES} AND $3::bigint IS NOT NULL ORDER BY s.uid`,
    values: [mailbox, uids, rawUpTo],
  };
  const found: ContentRow[] = [];
  await eachOctetRow(c, statement, (row) => found.push(readRow(row, fields)));
  return found;
}

/** What is longer than this PostgreSQL takes for the same name, be it another one behind that. */
const LONGEST_NAME = 63;

function nameOf(fields: readonly ContentField[], oneChunk: boolean): string {
  const told = `content ${fields.join(' ')}${oneChunk ? '' : ' any'}`;
  const all = Object.keys(columns);
  if (told.length <= LONGEST_NAME) return told;
  return `content columns ${fields.map((field) => all.indexOf(field)).join(' ')}${oneChunk ? '' : ' any'}`;
}

/** OFFSET 0 keeps the condition in front of the look-up: hardly any message that is asked for has been expunged. */
const tombstoneJoin = `LEFT JOIN LATERAL (
  SELECT * FROM mail.tombstone d WHERE m.uid IS NULL AND d.mailbox = $1 AND d.uid = a.uid OFFSET 0
) t ON true`;

/** Most messages have one. OFFSET 0: one look-up a message, as below. */
const signatureJoin = `LEFT JOIN LATERAL (
  SELECT t.header, t.body FROM mail.text_signature t WHERE t.content = m.content OFFSET 0
) g ON true`;

/** Nothing where the message is larger than was asked for. OFFSET 0: one look-up a message, whatever the planner takes the table for. */
const chunkJoin = `LEFT JOIN LATERAL (
  SELECT k.data FROM mail.chunk k WHERE k.content = s.content AND k.number = 0 AND s.raw_size <= $3::bigint OFFSET 0
) raw ON true`;

/** The chunks of a message put together. */
const chunksJoin = `LEFT JOIN LATERAL (
  SELECT string_agg(k.data, ''::bytea ORDER BY k.number) AS data
  FROM mail.chunk k WHERE k.content = s.content AND s.raw_size <= $3::bigint
) raw ON true`;

/** The first chunk of a message holds its head; it is cut before it travels. */
const headJoin = `LEFT JOIN LATERAL (
  SELECT substring(k.data FROM 1 FOR ${HEAD_SIZE}) AS data FROM mail.chunk k WHERE k.content = s.content AND k.number = 0
) head ON true`;

const fieldsOf = ({ fields }: ReadMessages): readonly ContentField[] =>
  (Object.keys(columns) as ContentField[]).filter((field) => fields.has(field));

/** null stands for "not given", except for a day, which a message may not have. */
function readRow(row: OctetRow, fields: readonly ContentField[]): ContentRow {
  const message: Record<string, unknown> = { uid: row.number() };
  const [found, bytes] = [row.boolean() === true, row.number() ?? 0];
  let corrupt = false;
  for (const field of fields) {
    const value = columns[field].read(row);
    if (value === CORRUPT) corrupt = true;
    else if (value !== null || field === 'sentDay') message[field] = value;
  }
  return { found, bytes, corrupt, message: message as MessageContent };
}

const CORRUPT = Symbol('the octets do not match their hash');

function readRaw(row: OctetRow): Buffer | typeof CORRUPT | null {
  const [hash, raw] = [row.bytea(), row.bytea()];
  if (raw === null || hash === null) return raw;
  return isSound(raw, hash) ? raw : CORRUPT;
}
