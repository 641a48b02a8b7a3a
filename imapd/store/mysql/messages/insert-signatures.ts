import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import type { InsertSignatures } from '../../signatures/signature-queue.ts';
import { type Connection, rows } from '../connection.ts';
import { join, sql } from '../sql.ts';

/**
 * The lock of the content's row keeps the collector off until the signature is there for it to find. In order, for those who do the
 * same. Two messages may have one content.
 */
export const insertSignatures: InsertSignatures<Connection> = async (tx, mailbox, signed) => {
  const uids = signed.map(({ uid }) => uid);
  const found = await rows<{ uid: number; content: string }>(tx, {
    name: 'signatures-find',
    ...sql`SELECT uid, content FROM message WHERE mailbox = ${uuidOctets(mailbox)} AND uid IN (${uids})`,
  });
  if (found.length === 0) return;
  const uidOf = new Map(found.map(({ uid, content }) => [content, uid]));
  const locked = await rows<{ id: string }>(tx, {
    name: 'signatures-lock',
    ...sql`SELECT id FROM content WHERE id IN (${found.map(({ content }) => uuidOctets(content))})
      ORDER BY id LOCK IN SHARE MODE`,
  });
  const byUid = new Map(signed.map((each) => [each.uid as number, each]));
  const values = locked.flatMap(({ id }) => {
    const signature = byUid.get(uidOf.get(id) ?? 0);
    return signature === undefined ? [] : [sql`(${uuidOctets(id)}, ${signature.header}, ${signature.body})`];
  });
  if (values.length === 0) return;
  await rows(tx, {
    name: 'signatures-insert',
    ...sql`INSERT INTO text_signature (content, header, body) VALUES ${join(values, ', ')}
      ON DUPLICATE KEY UPDATE header = VALUES(header), body = VALUES(body)`,
  });
};
