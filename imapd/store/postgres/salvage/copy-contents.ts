import { randomUUID } from 'node:crypto';
import type { OperationId } from '../../types.ts';
import { type Connection, rows } from '../connection.ts';
import type { SalvageContext } from './salvage-context.ts';
import type { TailRow } from './salvage-messages.ts';

/**
 * Copies the content of messages, as it is and under its own id, which is random and stands for the same octets for ever.
 * A chunk is a transaction, as in an upload; an entry of `staged` lets the collector find what a broken run leaves.
 */
export async function copyContents(context: SalvageContext, messages: readonly TailRow[]): Promise<void> {
  const wanted = [...new Set(messages.map((message) => message.content))];
  const missing = await context.target.read((c) => missingOf(c, wanted), context.attempt);
  for (const content of missing) {
    context.attempt.signal.throwIfAborted();
    await copyContent(context, content);
  }
}

/** The content row comes last: where it is, all chunks are. */
async function missingOf(c: Connection, wanted: readonly string[]): Promise<readonly string[]> {
  const found = await rows<{ id: string }>(c, {
    name: 'salvage-contents',
    text: `SELECT u.id FROM unnest($1::uuid[]) AS u(id)
      WHERE NOT EXISTS (SELECT 1 FROM mail.content c WHERE c.id = u.id)`,
    values: [wanted],
  });
  return found.map(({ id }) => id);
}

async function copyContent(context: SalvageContext, content: string): Promise<void> {
  const { source } = context;
  const [row] = await rows<Record<string, unknown> & { chunks: number; sent_day: string | null }>(source, {
    name: 'salvage-content',
    text: `SELECT ${contentColumns.join(', ')}, sent_day::text FROM mail.content WHERE id = $1`,
    values: [content],
  });
  if (row === undefined) throw new Error(`content ${content} of ${context.member} is missing`);
  for (let number = 0; number < row.chunks; number++) await copyChunk(context, { content, number });
  await write(context, (tx) =>
    rows(tx, {
      name: 'salvage-content-insert',
      text: `INSERT INTO mail.content (${contentColumns.join(', ')}, sent_day)
        VALUES (${contentColumns.map((_, i) => `$${i + 1}`).join(', ')}, $${contentColumns.length + 1})
        ON CONFLICT DO NOTHING`,
      values: [...contentColumns.map((column) => row[column]), row.sent_day],
    }),
  );
}

const contentColumns = [
  'id',
  'size',
  'chunks',
  'hash',
  'envelope',
  'body',
  'body_structure',
  'part_index',
  'header',
  'created_at',
];

async function copyChunk(
  context: SalvageContext,
  { content, number }: { content: string; number: number },
): Promise<void> {
  const [chunk] = await rows<{ hash: Buffer; data: Buffer; nul: boolean }>(context.source, {
    name: 'salvage-chunk',
    text: 'SELECT hash, data, nul FROM mail.chunk WHERE content = $1 AND number = $2',
    values: [content, number],
  });
  if (chunk === undefined) throw new Error(`chunk ${number} of content ${content} of ${context.member} is missing`);
  await write(context, (tx) =>
    rows(tx, {
      name: 'salvage-chunk-insert',
      text: `WITH begun AS (INSERT INTO mail.staged (content) VALUES ($1) ON CONFLICT DO NOTHING)
        INSERT INTO mail.chunk (content, number, hash, data, nul) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
      values: [content, number, chunk.hash, chunk.data, chunk.nul],
    }),
  );
}

/** Whether a content is there is asked before, and ON CONFLICT decides after: the operation needs no lasting name. */
async function write(context: SalvageContext, work: (tx: Connection) => Promise<unknown>): Promise<void> {
  const done = async (tx: Connection): Promise<null> => {
    await work(tx);
    return null;
  };
  await context.target.mutate(randomUUID() as OperationId, done, context.attempt);
}
