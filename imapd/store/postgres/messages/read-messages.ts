import { hash as digest } from 'node:crypto';
import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import {
  ContentCorrupt,
  type ContentField,
  HEAD_SIZE,
  type MessageContent,
  type ReadMessages,
} from '../../content-store.ts';
import type { Uid } from '../../types.ts';
import { type Connection, rows } from '../connection.ts';
import { octets, octetsAsBytea, octetsAsText } from './octets.ts';

/** Octets of content in one batch; one message more, so that a batch is never empty. */
const BATCH_BYTES = 1024 * 1024;
/** UIDs asked for by one statement. */
const BATCH_UIDS = 1000;

/**
 * A field in SQL: what the inner query takes from `m` (message) and `c` (content), what the outer one selects of it, and
 * its size in octets, which PostgreSQL knows without fetching the value.
 */
const columns: Readonly<
  Record<ContentField, { readonly inner: string; readonly outer: string; readonly size: string }>
> = {
  internalDate: { inner: 'm.internal_date', outer: 's.internal_date', size: '0' },
  savedAt: { inner: 'm.saved_at', outer: 's.saved_at', size: '0' },
  expunged: { inner: 'm.expunged', outer: 's.expunged', size: '0' },
  size: { inner: 'm.size', outer: 's.size::float8', size: '0' },
  sentDay: { inner: 'c.sent_day', outer: 's.sent_day::text', size: '0' },
  contentHash: { inner: 'c.hash AS content_hash', outer: 's.content_hash', size: '0' },
  header: { inner: 'c.header', outer: 's.header', size: 'octet_length(c.header)' },
  envelope: { inner: 'c.envelope', outer: 's.envelope', size: 'octet_length(c.envelope)' },
  body: { inner: 'c.body', outer: 's.body', size: 'octet_length(c.body)' },
  bodyStructure: { inner: 'c.body_structure', outer: 's.body_structure', size: 'octet_length(c.body_structure)' },
  partIndex: { inner: 'c.part_index', outer: 's.part_index', size: 'octet_length(c.part_index)' },
  head: {
    inner: 'c.size AS head_size',
    outer: `${octetsAsText('head.data', 'head.nul')} AS head_text, ${octetsAsBytea('head.data', 'head.nul')}`,
    size: `least(c.size, ${HEAD_SIZE})`,
  },
  raw: {
    inner: 'c.hash, c.size AS raw_size',
    outer: `s.hash, raw.nul, ${octetsAsText('raw.data', 'raw.nul')} AS raw_text, ${octetsAsBytea('raw.data', 'raw.nul')}`,
    size: 'CASE WHEN c.size <= $3::bigint THEN c.size ELSE 0 END',
  },
};

/** Dates and sizes: what else there is stands with the content. */
const IN_MESSAGE_ROW: ReadonlySet<ContentField> = new Set<ContentField>([
  'internalDate',
  'savedAt',
  'expunged',
  'size',
]);

/**
 * Facts of many messages, in batches. A statement is given up to BATCH_UIDS messages and answers with as many as fit into
 * BATCH_BYTES: sizes are known without fetching the values, so no batch is ever larger than that and one message. While a
 * batch is worked on the database puts together the next one, and no more: two are held at most.
 */
export async function* readMessages(
  access: RepositoryAccess<Connection>,
  request: ReadMessages,
  attempt: Attempt,
): AsyncGenerator<readonly MessageContent[]> {
  let rest = [...request.uids].sort((a, b) => a - b);
  const begin = (): Promise<Batch> => {
    const batch = readBatch(access, { ...request, uids: rest.slice(0, BATCH_UIDS) }, attempt);
    // Whoever stops reading in the middle does not hear of it any more.
    batch.catch(() => undefined);
    return batch;
  };
  let next = rest.length > 0 ? begin() : null;
  while (next !== null) {
    const { messages, upTo } = await next;
    rest = rest.slice(upTo === null ? BATCH_UIDS : rest.findIndex((uid) => uid > upTo));
    next = rest.length > 0 ? begin() : null;
    if (messages.length > 0) yield messages;
  }
}

type Batch = {
  readonly messages: readonly MessageContent[];
  /** Last UID the statement looked at; null: all that were asked for. */
  readonly upTo: Uid | null;
};

async function readBatch(
  access: RepositoryAccess<Connection>,
  request: ReadMessages,
  attempt: Attempt,
): Promise<Batch> {
  // Where not even the primary has everything, what was found there counts: the last answer that came.
  let last: Answer | null = null;
  const { learntAt } = request;
  const read = await access.readContent(
    async (c) => {
      const answer = collect(await select(c, request), request);
      last = answer;
      const { missing, bytes } = answer;
      return missing > 0
        ? { complete: false, missing, corrupt: corruptOf(answer, request) }
        : { complete: true, value: answer.batch, bytes };
    },
    learntAt === undefined ? attempt : { ...attempt, learntAt },
  );
  if (read.complete) return read.value;
  if (read.corrupt !== undefined) throw new ContentCorrupt(read.corrupt);
  const answer = last as Answer | null;
  if (answer === null) throw new Error('content was said to be incomplete without asking anybody');
  return answer.batch;
}

const corruptOf = ({ corrupt }: Answer, { mailbox }: ReadMessages): string | undefined =>
  corrupt.length === 0 ? undefined : `messages ${corrupt.join(', ')} of ${mailbox}`;

type ContentRow = {
  readonly uid: Uid;
  readonly hash?: Buffer | null;
  readonly raw_text?: string | null;
  readonly head_text?: string | null;
  readonly bytes: number;
  readonly found: boolean;
} & { readonly [field in ContentField]?: unknown };

/** Messages in a mailbox and expunged ones alike: a session may still ask for what another one has just expunged. */
async function select(c: Connection, request: ReadMessages): Promise<readonly ContentRow[]> {
  const fields = fieldsOf(request);
  const size = fields.map((field) => columns[field].size).join(' + ') || '0';
  const inner = fields.map((field) => `, ${columns[field].inner}`).join('');
  const outer = fields.map((field) => `, ${columns[field].outer} AS "${field}"`).join('');
  const joined = fields.some((field) => !IN_MESSAGE_ROW.has(field));
  return await rows<ContentRow>(c, {
    name: nameOf(fields),
    text: `
      WITH asked AS (
        SELECT a.uid, coalesce(m.content, t.content) AS content, coalesce(m.size, t.size) AS size,
          coalesce(m.internal_date, t.internal_date) AS internal_date, coalesce(m.saved_at, t.saved_at) AS saved_at,
          m.uid IS NULL AS expunged
        FROM unnest($2::bigint[]) AS a(uid)
        LEFT JOIN mail.message m ON m.mailbox = $1 AND m.uid = a.uid
        LEFT JOIN mail.tombstone t ON t.mailbox = $1 AND t.uid = a.uid
      )
      SELECT s.uid::float8, s.found, s.bytes::float8${outer} FROM (
        SELECT m.uid, m.content, ${joined ? 'c.id' : 'm.content'} IS NOT NULL AS found, coalesce(${size}, 0) AS bytes,
          sum(coalesce(${size}, 0)) OVER (ORDER BY m.uid ROWS UNBOUNDED PRECEDING) AS running${inner}
        FROM asked m ${joined ? 'LEFT JOIN mail.content c ON c.id = m.content' : ''}
      ) s ${fields.includes('raw') ? rawJoin : ''} ${fields.includes('head') ? headJoin : ''}
      WHERE s.running - s.bytes < ${BATCH_BYTES} AND $3::bigint IS NOT NULL ORDER BY s.uid`,
    values: [request.mailbox, request.uids, request.rawUpTo ?? Number.MAX_SAFE_INTEGER],
  });
}

/** What is longer than this PostgreSQL takes for the same name, be it another one behind that. */
const LONGEST_NAME = 63;

function nameOf(fields: readonly ContentField[]): string {
  const told = `content ${fields.join(' ')}`;
  const all = Object.keys(columns);
  return told.length <= LONGEST_NAME ? told : `content columns ${fields.map((field) => all.indexOf(field)).join(' ')}`;
}

/** The chunks of a message put together; of most there is one. Nothing where the message is larger than was asked for. */
const rawJoin = `LEFT JOIN LATERAL (
  SELECT bool_or(k.nul) AS nul, string_agg(k.data, ''::bytea ORDER BY k.number) AS data
  FROM mail.chunk k WHERE k.content = s.content AND s.raw_size <= $3::bigint
) raw ON true`;

/** The first chunk of a message holds its head; it is cut before it travels. */
const headJoin = `LEFT JOIN LATERAL (
  SELECT k.nul, substring(k.data FROM 1 FOR ${HEAD_SIZE}) AS data
  FROM mail.chunk k WHERE k.content = s.content AND k.number = 0
) head ON true`;

const fieldsOf = ({ fields }: ReadMessages): readonly ContentField[] =>
  (Object.keys(columns) as ContentField[]).filter((field) => fields.has(field));

type Answer = {
  readonly batch: Batch;
  readonly missing: number;
  /** Counted as missing too: another member may have a sound copy. */
  readonly corrupt: readonly Uid[];
  readonly bytes: number;
};

/** Sorts what came into messages, missing ones and ones that do not match their hash. */
function collect(found: readonly ContentRow[], request: ReadMessages): Answer {
  const messages: MessageContent[] = [];
  const corrupt: Uid[] = [];
  let bytes = 0;
  const fields = fieldsOf(request);
  for (const each of found) {
    if (!each.found) continue;
    const row = withOctets(each);
    if (!matchesHash(row)) corrupt.push(row.uid);
    bytes += row.bytes;
    messages.push(toMessage(row, fields));
  }
  const last = found.at(-1);
  const upTo = last === undefined || found.length === request.uids.length ? null : last.uid;
  return { batch: { messages, upTo }, missing: found.length - messages.length + corrupt.length, corrupt, bytes };
}

function withOctets(row: ContentRow): ContentRow {
  const { raw_text, head_text } = row;
  return {
    ...row,
    ...(raw_text === undefined ? {} : { raw: octets(raw_text, Buffer.isBuffer(row.raw) ? row.raw : null) }),
    ...(head_text === undefined ? {} : { head: octets(head_text, Buffer.isBuffer(row.head) ? row.head : null) }),
  };
}

function matchesHash({ raw, hash }: ContentRow): boolean {
  return !Buffer.isBuffer(raw) || !Buffer.isBuffer(hash) || digest('sha256', raw, 'buffer').equals(hash);
}

/** null stands for "not given", except for a day, which a message may not have. */
function toMessage(row: ContentRow, fields: readonly ContentField[]): MessageContent {
  const message: Record<string, unknown> = { uid: row.uid };
  for (const field of fields) {
    if (row[field] !== null || field === 'sentDay') message[field] = row[field];
  }
  return message as MessageContent;
}
