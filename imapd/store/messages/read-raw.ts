import { hash as digest } from 'node:crypto';
import type { Attempt, RepositoryAccess } from '../../routing/repository-access.ts';
import { ContentCorrupt, ContentGone } from '../content-store.ts';
import { octetsPassed } from '../sweep.ts';
import type { MailboxId, Uid } from '../types.ts';
import { CHUNK_SIZE, type Chunk } from './content-row.ts';

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
export async function* readRaw<C>(tools: ReadRawTools<C>, range: RawRange, attempt: Attempt): AsyncGenerator<Buffer> {
  const end = range.offset + range.length;
  for (let at = range.offset; at < end; ) {
    const first = Math.floor(at / CHUNK_SIZE);
    const last = Math.min(Math.floor((end - 1) / CHUNK_SIZE), first + CHUNKS_A_READ - 1);
    const chunks = await readChunks(tools, { ...range, first, last }, attempt);
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

/** Pieces `first` to `last` of a message. */
export type ChunkRange = Pick<RawRange, 'mailbox' | 'uid'> & { readonly first: number; readonly last: number };

/** `chunks`: of the whole message; null where the member does not know it. `present`: of the range, in ascending order. */
export type FoundChunks = { readonly chunks: number | null; readonly present: readonly FoundChunk[] };
type FoundChunk = Omit<Chunk, 'content'>;

/** One statement that finds expunged messages, too, as long as their content is there. */
export type SelectChunks<C> = (c: C, range: ChunkRange) => Promise<FoundChunks>;

export type ReadRawTools<C> = { readonly access: RepositoryAccess<C>; readonly select: SelectChunks<C> };

async function readChunks<C>(
  { access, select }: ReadRawTools<C>,
  range: ChunkRange,
  attempt: Attempt,
): Promise<readonly FoundChunk[]> {
  const what = `message ${range.uid} of ${range.mailbox}, chunks ${range.first} to ${range.last}`;
  const read = await access.readContent(async (c) => {
    const { chunks, present } = await select(c, range);
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
