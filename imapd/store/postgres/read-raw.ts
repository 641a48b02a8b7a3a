import { hash as digest } from 'node:crypto';
import type { Attempt, RepositoryAccess } from '../../routing/repository-access.ts';
import { ContentCorrupt, ContentGone } from '../content-store.ts';
import type { MailboxId, Uid } from '../types.ts';
import { type Connection, rows } from './connection.ts';
import { CHUNK_SIZE } from './content-row.ts';
import { octets, octetsAsBytea, octetsAsText } from './octets.ts';

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
    }
    // A shorter last chunk is the end of the message: there is nothing beyond it to ask for.
    if (chunks.length < last - first + 1 || (chunks.at(-1)?.data.length ?? 0) < CHUNK_SIZE) return;
    at = (last + 1) * CHUNK_SIZE;
  }
}

type Chunk = { readonly number: number; readonly hash: Buffer; readonly data: Buffer };
/** One row with nulls where the message exists and the range lies behind its end. */
type ChunkRow = { readonly chunks: number; readonly hash: Buffer } & (
  | { readonly number: number; readonly text: string | null; readonly bytea: Buffer | null }
  | { readonly number: null }
);

async function readChunks(
  access: RepositoryAccess<Connection>,
  range: RawRange & { readonly first: number; readonly last: number },
  attempt: Attempt,
): Promise<readonly Chunk[]> {
  let corrupt = false;
  const read = await access.readContent(async (c) => {
    const found = await selectChunks(c, range);
    if (found[0] === undefined) return { complete: false, missing: 1 };
    const present = found.flatMap(chunkOf);
    const sound = present.filter((chunk) => digest('sha256', chunk.data, 'buffer').equals(chunk.hash));
    corrupt = sound.length < present.length;
    const missing = Math.max(0, Math.min(range.last + 1, found[0].chunks) - range.first - sound.length);
    if (missing > 0) return { complete: false, missing };
    return { complete: true, value: sound, bytes: sound.reduce((sum, chunk) => sum + chunk.data.length, 0) };
  }, attempt);
  if (read.complete) return read.value;
  const what = `message ${range.uid} of ${range.mailbox}, chunks ${range.first} to ${range.last}`;
  throw corrupt ? new ContentCorrupt(what) : new ContentGone(what);
}

function chunkOf(row: ChunkRow): Chunk[] {
  const data = row.number === null ? null : octets(row.text, row.bytea);
  return row.number === null || data === null ? [] : [{ number: row.number, hash: row.hash, data }];
}

const selectChunks = (
  c: Connection,
  range: RawRange & { readonly first: number; readonly last: number },
): Promise<ChunkRow[]> =>
  rows<ChunkRow>(c, {
    name: 'chunks-read',
    text: `WITH named AS (
        SELECT content FROM mail.message WHERE mailbox = $1 AND uid = $2
        UNION ALL SELECT content FROM mail.tombstone WHERE mailbox = $1 AND uid = $2
      )
      SELECT k.number, k.hash, ${octetsAsText('k.data', 'k.nul')} AS text,
        ${octetsAsBytea('k.data', 'k.nul')} AS bytea, c.chunks
      FROM named n
      JOIN mail.content c ON c.id = n.content
      LEFT JOIN mail.chunk k ON k.content = c.id AND k.number BETWEEN $3 AND $4
      ORDER BY k.number`,
    values: [range.mailbox, range.uid, range.first, range.last],
  });
