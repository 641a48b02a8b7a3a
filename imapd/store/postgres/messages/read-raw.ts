import { hash as digest } from 'node:crypto';
import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import { ContentCorrupt, ContentGone } from '../../content-store.ts';
import type { MailboxId, Uid } from '../../types.ts';
import type { Connection } from '../connection.ts';
import { eachOctetRow } from '../octets/each-octet-row.ts';
import { octetsPassed } from '../sweep.ts';
import { CHUNK_SIZE } from './content-row.ts';

/**
 * Chunks of one statement. More would be faster and take more memory, for 16 clients may read at once.
 */
const CHUNKS_A_READ = 1;

export type RawRange = {
  readonly mailbox: MailboxId;
  readonly uid: Uid;
  readonly offset: number;
  readonly length: number;
};

/**
 * A range of a raw message. Every read is a statement of its own, for its own range: a member that dies under way costs
 * one repetition, and a client that reads slowly holds no connection.
 */
export async function* readRaw(
  access: RepositoryAccess<Connection>,
  range: RawRange,
  attempt: Attempt,
): AsyncGenerator<Buffer> {
  const end = range.offset + range.length;
  for (let at = range.offset; at < end; ) {
    const first = Math.floor(at / CHUNK_SIZE);
    const last = Math.min(Math.floor((end - 1) / CHUNK_SIZE), first + CHUNKS_A_READ - 1);
    const chunks = await readChunks(access, { ...range, first, last }, attempt);
    for (const { number, data } of chunks) {
      const from = number * CHUNK_SIZE;
      const wanted = data.subarray(Math.max(0, at - from), Math.min(data.length, end - from));
      if (wanted.length > 0) yield wanted;
      octetsPassed(data.length);
    }
    // A shorter last chunk is the end of the message: there is nothing beyond it to ask for.
    if (chunks.length < last - first + 1 || (chunks.at(-1)?.data.length ?? 0) < CHUNK_SIZE) return;
    at = (last + 1) * CHUNK_SIZE;
  }
}

type Chunk = { readonly number: number; readonly hash: Buffer; readonly data: Buffer };
type Range = RawRange & { readonly first: number; readonly last: number };

async function readChunks(
  access: RepositoryAccess<Connection>,
  range: Range,
  attempt: Attempt,
): Promise<readonly Chunk[]> {
  const what = `message ${range.uid} of ${range.mailbox}, chunks ${range.first} to ${range.last}`;
  const read = await access.readContent(async (c) => {
    const { chunks, present } = await selectChunks(c, range);
    if (chunks === null) return { complete: false, missing: 1 };
    const sound = present.filter((chunk) => digest('sha256', chunk.data, 'buffer').equals(chunk.hash));
    const corrupt = sound.length < present.length ? what : undefined;
    const missing = Math.max(0, Math.min(range.last + 1, chunks) - range.first - sound.length);
    if (missing > 0) return { complete: false, missing, corrupt };
    return { complete: true, value: sound, bytes: sound.reduce((sum, chunk) => sum + chunk.data.length, 0) };
  }, attempt);
  if (read.complete) return read.value;
  throw read.corrupt === undefined ? new ContentGone(what) : new ContentCorrupt(read.corrupt);
}

/** `chunks`: of the whole message; null where the member does not know it. */
type Found = { readonly chunks: number | null; readonly present: readonly Chunk[] };

/** One row with nulls where the message exists and the range lies behind its end. */
async function selectChunks(c: Connection, range: Range): Promise<Found> {
  const present: Chunk[] = [];
  let chunks: number | null = null;
  const values = [range.mailbox, range.uid, range.first, range.last];
  await eachOctetRow(c, { name: 'chunks-read', text: chunksText, values }, (row) => {
    chunks = row.integer();
    const [number, hash, data] = [row.integer(), row.bytea(), row.bytea()];
    if (number !== null && hash !== null && data !== null) present.push({ number, hash, data });
  });
  return { chunks, present };
}

// OFFSET 0: a look-up by the key, whatever the planner takes the table for.
const chunksText = `
  WITH named AS (
    SELECT content FROM mail.message WHERE mailbox = $1 AND uid = $2
    UNION ALL SELECT content FROM mail.tombstone WHERE mailbox = $1 AND uid = $2
  )
  SELECT c.chunks, k.number, k.hash, k.data
  FROM named n
  JOIN mail.content c ON c.id = n.content
  LEFT JOIN LATERAL (
    SELECT number, hash, data FROM mail.chunk WHERE content = c.id AND number BETWEEN $3 AND $4 OFFSET 0
  ) k ON true
  ORDER BY k.number`;
