import type { ContentStatements } from '../../salvage/salvage-statements.ts';
import { type Connection, firstRow, rows } from '../connection.ts';

export const contentStatements: ContentStatements<Connection> = {
  async missing(c, ids) {
    const found = await rows<{ id: string }>(c, {
      name: 'salvage-contents',
      text: `SELECT u.id FROM unnest($1::uuid[]) AS u(id)
        WHERE NOT EXISTS (SELECT 1 FROM mail.content c WHERE c.id = u.id)`,
      values: [ids],
    });
    return found.map(({ id }) => id);
  },

  async content(source, id) {
    const row = await firstRow<Record<string, unknown> & { chunks: number; sent_day: string | null }>(source, {
      name: 'salvage-content',
      text: `SELECT ${contentColumns.join(', ')}, sent_day::text FROM mail.content WHERE id = $1`,
      values: [id],
    });
    if (row === null) return null;
    return { id, chunks: row.chunks, columns: [...contentColumns.map((column) => row[column]), row.sent_day] };
  },

  async chunk(source, content, number) {
    const row = await firstRow<{ hash: Buffer; data: Buffer; nul: boolean }>(source, {
      name: 'salvage-chunk',
      text: 'SELECT hash, data, nul FROM mail.chunk WHERE content = $1 AND number = $2',
      values: [content, number],
    });
    return row === null ? null : { content, number, columns: [row.hash, row.data, row.nul] };
  },

  async insertContent(tx, { columns }) {
    await rows(tx, {
      name: 'salvage-content-insert',
      text: `INSERT INTO mail.content (${contentColumns.join(', ')}, sent_day)
        VALUES (${columns.map((_, i) => `$${i + 1}`).join(', ')}) ON CONFLICT DO NOTHING`,
      values: columns,
    });
  },

  async insertChunk(tx, { content, number, columns }) {
    await rows(tx, {
      name: 'salvage-chunk-insert',
      text: `WITH begun AS (INSERT INTO mail.staged (content) VALUES ($1) ON CONFLICT DO NOTHING)
        INSERT INTO mail.chunk (content, number, hash, data, nul) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
      values: [content, number, ...columns],
    });
  },
};

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
