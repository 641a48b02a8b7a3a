import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import type { ContentStatements } from '../../salvage/salvage-statements.ts';
import { type Connection, firstRow, rows, type Value } from '../connection.ts';
import { sendInPackets } from '../operations/packets.ts';

export const contentStatements: ContentStatements<Connection> = {
  async missing(c, ids) {
    const found = await rows<{ id: string }>(c, {
      name: 'salvage-contents',
      text: 'SELECT id FROM content WHERE id IN (?)',
      values: [ids.map(uuidOctets)],
    });
    return [...new Set(ids).difference(new Set(found.map(({ id }) => id)))];
  },

  async content(source, id) {
    const row = await firstRow<Record<string, unknown> & { chunks: number }>(source, {
      name: 'salvage-content',
      text: `SELECT ${columns.join(', ')}, CAST(created_at AS CHAR) AS created_at FROM content WHERE id = ?`,
      values: [uuidOctets(id)],
    });
    if (row === null) return null;
    return { id, chunks: row.chunks, columns: [...columns, 'created_at'].map((column) => row[column]) };
  },

  async chunk(source, content, number) {
    const row = await firstRow<{ hash: Buffer; data: Buffer }>(source, {
      name: 'salvage-chunk',
      text: 'SELECT hash, data FROM chunk WHERE content = ? AND number = ?',
      values: [uuidOctets(content), number],
    });
    return row === null ? null : { content, number, columns: [row.hash, row.data] };
  },

  async insertContent(tx, { id, columns: values }) {
    await rows(tx, {
      name: 'salvage-content-insert',
      text: `INSERT INTO content (id, ${columns.join(', ')}, created_at) VALUES (?, ${values.map(() => '?').join(', ')})
        ON DUPLICATE KEY UPDATE id = id`,
      values: [uuidOctets(id), ...(values as Value[])],
      // A header may be large.
      prepared: true,
    });
  },

  async insertChunk(tx, { content, number, columns: [hash, data] }) {
    const id = uuidOctets(content);
    await sendInPackets(tx, [
      {
        name: 'salvage-chunks-begin',
        text: 'INSERT INTO staged (content) VALUES (?) ON DUPLICATE KEY UPDATE content = content',
        values: [id],
      },
      {
        name: 'salvage-chunk-insert',
        text: 'INSERT INTO chunk (content, number, hash, data) VALUES (?, ?, ?, ?) ON DUPLICATE KEY UPDATE number = number',
        values: [id, number, hash as Buffer, data as Buffer],
      },
    ]);
  },
};

const columns = [
  'size',
  'chunks',
  'hash',
  'envelope',
  'body',
  'body_structure',
  'part_index',
  'header',
  'sent_day',
] as const;
