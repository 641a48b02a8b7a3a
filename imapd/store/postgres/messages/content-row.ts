import type { AnalyzedMessage } from '../../../mime/analyzed-message.ts';
import type { StagedMessage } from '../../content-store.ts';
import type { ContentId } from '../../types.ts';
import { type Connection, rows } from '../connection.ts';
import type { NamedStatement } from '../send-at-once.ts';

/** Raw messages are kept in pieces of this many octets. Reads are ranges of pieces: changing it needs a migration. */
export const CHUNK_SIZE = 256 * 1024;

/**
 * Writes content and only chunk of a small message in one statement; nothing for one that was staged. A second try of an
 * operation may meet the first one, still at work: then the operation's own key decides (ON CONFLICT DO NOTHING).
 */
export async function insertContent(tx: Connection, staged: StagedMessage): Promise<void> {
  const statement = contentStatement(staged);
  if (statement !== null) await rows(tx, statement);
}

export function contentStatement(staged: StagedMessage): NamedStatement | null {
  if (staged.inline === null) return null;
  const { raw, analysis } = staged.inline;
  return {
    name: 'content-with-chunk',
    text: `WITH content AS (${insertContentText})
      INSERT INTO mail.chunk (content, number, hash, data, nul) VALUES ($1, 0, $4, $11, $12) ON CONFLICT DO NOTHING`,
    values: [...contentValues({ id: staged.content, chunks: 1, hash: staged.hash, analysis }), raw, raw.includes(0)],
  };
}

/** Content of a staged message whose chunks are all there. */
export async function insertStagedContent(
  tx: Connection,
  content: {
    readonly id: ContentId;
    readonly chunks: number;
    readonly hash: Buffer;
    readonly analysis: AnalyzedMessage;
  },
): Promise<void> {
  await rows(tx, { name: 'content-of-staged', text: insertContentText, values: contentValues(content) });
}

const insertContentText = `
  INSERT INTO mail.content
    (id, size, chunks, hash, envelope, body, body_structure, part_index, header, sent_day)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`;

function contentValues({
  id,
  chunks,
  hash,
  analysis,
}: {
  readonly id: ContentId;
  readonly chunks: number;
  readonly hash: Buffer;
  readonly analysis: AnalyzedMessage;
}): unknown[] {
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

/** A day that exists, as PostgreSQL demands; mail has its 31st of February. */
function storableDay(day: string | null): string | null {
  if (day === null || !/^\d{4}-\d{2}-\d{2}$/.test(day)) return null;
  const parsed = new Date(`${day}T00:00:00Z`);
  return Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 10) !== day || day < '0001' ? null : day;
}
