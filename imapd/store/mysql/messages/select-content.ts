import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import { type ContentField, HEAD_SIZE, type MessageContent, type ReadMessages } from '../../content-store.ts';
import { BESIDE_CONTENT, isSound, SIGNATURES } from '../../messages/content-fields.ts';
import { BATCH_BYTES, type ContentRow } from '../../messages/read-messages.ts';
import { uidRanges } from '../../messages/uid-ranges.ts';
import type { Uid } from '../../types.ts';
import { type Connection, rows } from '../connection.ts';
import { raw, sql } from '../sql.ts';
import { inRanges } from './uid-sql.ts';

type Column = {
  /** What is selected of `s` (a message), `c` (its content), `g` (its signature) and the chunks. */
  readonly selected: string;
  /** Its size in octets, from `a` (the message), `b` (its content) and `d` (its signature). */
  readonly size: (rawUpTo: number) => string;
};

const small = (selected: string): Column => ({ selected, size: () => '0' });
const inContent = (name: string): Column => ({
  selected: `c.${name}`,
  size: () => `COALESCE(OCTET_LENGTH(b.${name}), 0)`,
});

const inSignature = (name: string): Column => ({
  selected: `g.${name}`,
  size: () => `COALESCE(OCTET_LENGTH(d.${name}), 0)`,
});

/** Each field in SQL. What is selected bears the name of the field. */
const columns: Readonly<Record<ContentField, Column>> = {
  internalDate: small('s.internal_date'),
  savedAt: small('s.saved_at'),
  expunged: small('s.expunged'),
  size: small('s.size'),
  sentDay: small('c.sent_day'),
  contentHash: small('c.hash'),
  header: inContent('header'),
  envelope: inContent('envelope'),
  body: inContent('body'),
  bodyStructure: inContent('body_structure'),
  partIndex: inContent('part_index'),
  // Octets, which the server says of a result whose length it does not know beforehand.
  head: { selected: `LEFT(h.data, ${HEAD_SIZE} + 0 * h.number)`, size: () => `LEAST(a.size, ${HEAD_SIZE})` },
  raw: { selected: 'k.data', size: (rawUpTo) => `IF(a.size <= ${rawUpTo}, a.size, 0)` },
  headerSignature: inSignature('header'),
  bodySignature: inSignature('body'),
};

/** What is as long as it happens to be, and so has to be looked at for its size. */
const MEASURED: ReadonlySet<ContentField> = new Set(['header', 'envelope', 'body', 'bodyStructure', 'partIndex']);

type Row = Readonly<Record<ContentField, unknown>> & {
  readonly uid: Uid;
  readonly found: number;
  readonly bytes: number;
  /** Of `raw`. */
  readonly number: number | null;
  readonly hash: Buffer | null;
};

/**
 * See `SelectContent`. Sizes are summed up first, with nothing of the octets in what the server has to put away for that; then what
 * fits is looked up by its keys. A message of several chunks is as many rows.
 */
export async function selectContent(c: Connection, request: ReadMessages): Promise<readonly ContentRow[]> {
  const fields = (Object.keys(columns) as ContentField[]).filter((field) => request.fields.has(field));
  const { text, values } = statementOf(request, fields);
  const found = await rows<Row>(c, { name: `content ${fields.join(' ')}`, text, values });
  const read: ContentRow[] = [];
  for (let at = 0; at < found.length; ) {
    let next = at + 1;
    while (found[next]?.uid === found[at]?.uid && next < found.length) next += 1;
    read.push(readRow(found.slice(at, next), fields));
    at = next;
  }
  return withMissing(request.uids, read);
}

function statementOf(
  { mailbox, uids, rawUpTo = Number.MAX_SAFE_INTEGER }: ReadMessages,
  fields: readonly ContentField[],
) {
  const has = (field: ContentField): boolean => fields.includes(field);
  const inContentRow = fields.some((field) => !BESIDE_CONTENT.has(field));
  const signed = fields.some((field) => SIGNATURES.includes(field));
  const size = raw(fields.map((field) => columns[field].size(rawUpTo)).join(' + ') || '0');
  const asked = sql`mailbox = ${uuidOctets(mailbox)} AND ${inRanges('uid', uidRanges(uids))}`;
  const selected = fields.map((field) => `, ${columns[field].selected} AS ${field}`).join('');
  return sql`
    SELECT s.uid, ${raw(inContentRow ? 'c.id' : 's.content')} IS NOT NULL AS found, s.bytes
      ${raw(has('raw') ? ', k.number, c.hash' : '')} ${raw(selected)}
    FROM (
      SELECT a.*, ${size} AS bytes, SUM(${size}) OVER (ORDER BY a.uid ROWS UNBOUNDED PRECEDING) AS running
      FROM (
        SELECT uid, content, size, internal_date, saved_at, 0 AS expunged FROM message FORCE INDEX (PRIMARY) WHERE ${asked}
        UNION ALL SELECT uid, content, size, internal_date, saved_at, 1 FROM tombstone FORCE INDEX (PRIMARY) WHERE ${asked}
      ) a ${raw(fields.some((field) => MEASURED.has(field)) ? 'LEFT JOIN content b ON b.id = a.content' : '')}
        ${raw(signed ? 'LEFT JOIN text_signature d ON d.content = a.content' : '')}
    ) s
    ${raw(inContentRow ? 'LEFT JOIN content c ON c.id = s.content' : '')}
    ${raw(signed ? 'LEFT JOIN text_signature g ON g.content = s.content' : '')}
    ${has('head') ? raw('LEFT JOIN chunk h ON h.content = s.content AND h.number = 0') : raw('')}
    ${has('raw') ? sql`LEFT JOIN chunk k ON k.content = s.content AND s.size <= ${rawUpTo}` : raw('')}
    WHERE s.running - s.bytes < ${BATCH_BYTES} ORDER BY s.uid`;
}

/** @param found rows of one message. null stands for "not given", except for a day, which a message may not have */
function readRow(found: readonly Row[], fields: readonly ContentField[]): ContentRow {
  const [first] = found as readonly [Row, ...Row[]];
  const message: Record<string, unknown> = { uid: first.uid };
  let corrupt = false;
  for (const field of fields) {
    const value = field === 'raw' ? rawOf(found) : first[field];
    if (value !== null || field === 'sentDay') message[field] = field === 'expunged' ? value === 1 : value;
    if (field === 'raw' && value !== null) corrupt = first.hash !== null && !isSound(value as Buffer, first.hash);
  }
  return { found: first.found === 1, bytes: first.bytes, corrupt, message: message as MessageContent };
}

/** The chunks of a message put together; the octets of the only one are not copied. */
function rawOf(found: readonly Row[]): Buffer | null {
  const chunks = found.filter(({ number }) => number !== null).sort((a, b) => Number(a.number) - Number(b.number));
  const [only] = chunks;
  if (only === undefined) return null;
  return chunks.length === 1 ? (only.raw as Buffer) : Buffer.concat(chunks.map((chunk) => chunk.raw as Buffer));
}

/** With those that the member does not know, up to the last message that was looked at. */
function withMissing(uids: readonly Uid[], read: readonly ContentRow[]): readonly ContentRow[] {
  if (read.length === uids.length) return read;
  const known = new Map(read.map((row) => [row.message.uid, row]));
  const isCut = read.reduce((sum, { bytes }) => sum + bytes, 0) >= BATCH_BYTES;
  const last = isCut ? (read.at(-1)?.message.uid ?? 0) : Number.POSITIVE_INFINITY;
  return uids
    .filter((uid) => uid <= last)
    .map((uid) => known.get(uid) ?? { found: false, bytes: 0, corrupt: false, message: { uid } });
}
