import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import type { ChunkRange, FoundChunks } from '../../messages/read-raw.ts';
import { type Connection, rows } from '../connection.ts';

type Row = {
  readonly chunks: number;
  readonly number: number | null;
  readonly hash: Buffer | null;
  readonly data: Buffer | null;
};

/** One row with nulls where the message exists and the range lies behind its end. Prepared: a chunk is octets of its packet. */
export async function selectChunks(c: Connection, { mailbox, uid, first, last }: ChunkRange): Promise<FoundChunks> {
  const box = uuidOctets(mailbox);
  const values = [box, uid, box, uid, first, last];
  const found = await rows<Row>(c, { name: 'chunks-read', text: chunksText, values, prepared: true });
  const present = found.flatMap(({ number, hash, data }) =>
    number === null || hash === null || data === null ? [] : [{ number, hash, data }],
  );
  present.sort((a, b) => a.number - b.number);
  return { chunks: found[0]?.chunks ?? null, present };
}

const chunksText = `
  SELECT c.chunks, k.number, k.hash, k.data
  FROM (
    SELECT content FROM message WHERE mailbox = ? AND uid = ?
    UNION ALL SELECT content FROM tombstone WHERE mailbox = ? AND uid = ?
  ) n
  JOIN content c ON c.id = n.content
  LEFT JOIN chunk k ON k.content = c.id AND k.number BETWEEN ? AND ?`;
