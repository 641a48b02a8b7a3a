import type { AnalyzedMessage } from '../../mime/analyzed-message.ts';
import type { ContentId } from '../types.ts';

/** Raw messages are kept in pieces of this many octets. Reads are ranges of pieces: changing it needs a migration. */
export const CHUNK_SIZE = 256 * 1024;

/** A piece of a raw message. */
export type Chunk = {
  readonly content: ContentId;
  /** From 0 on. */
  readonly number: number;
  /** SHA-256 of the data. */
  readonly hash: Buffer;
  readonly data: Buffer;
};

/** What is stored of a message besides its chunks. */
export type NewContent = {
  readonly id: ContentId;
  readonly chunks: number;
  /** SHA-256 of the raw message. */
  readonly hash: Buffer;
  readonly analysis: AnalyzedMessage;
};

export const contentColumns = 'id, size, chunks, hash, envelope, body, body_structure, part_index, header, sent_day';

/** In the order of `contentColumns`. */
export function contentValues({ id, chunks, hash, analysis }: NewContent): unknown[] {
  return [
    id,
    analysis.size,
    chunks,
    hash,
    analysis.envelope,
    analysis.body,
    analysis.bodyStructure,
    Buffer.from(JSON.stringify(analysis.partIndex)),
    analysis.headerBlock,
    storableDay(analysis.sentDay),
  ];
}

/** A day that exists, as databases demand; mail has its 31st of February. */
function storableDay(day: string | null): string | null {
  if (day === null || !/^\d{4}-\d{2}-\d{2}$/.test(day)) return null;
  const parsed = new Date(`${day}T00:00:00Z`);
  return Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 10) !== day || day < '0001' ? null : day;
}
