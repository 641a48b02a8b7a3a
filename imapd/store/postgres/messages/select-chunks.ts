import type { ChunkRange, FoundChunks } from '../../messages/read-raw.ts';
import type { Connection } from '../connection.ts';
import { eachOctetRow } from '../octets/each-octet-row.ts';

/** One row with nulls where the message exists and the range lies behind its end. */
export async function selectChunks(c: Connection, range: ChunkRange): Promise<FoundChunks> {
  const present: FoundChunks['present'][number][] = [];
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
