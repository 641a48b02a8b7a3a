import type { InsertSignatures } from '../../signatures/signature-queue.ts';
import { type Connection, rows } from '../connection.ts';

/** The lock of the content's row keeps the collector off until the signature is there for it to find. In order, for those who do the same. */
export const insertSignatures: InsertSignatures<Connection> = async (tx, mailbox, signed) => {
  await rows(tx, {
    name: 'signatures-insert',
    text: `INSERT INTO mail.text_signature AS g (content, header, body)
      SELECT DISTINCT ON (c.id) c.id, c.header_signature, c.body_signature FROM (
        SELECT c.id, a.header AS header_signature, a.body AS body_signature
        FROM unnest($2::bigint[], $3::bytea[], $4::bytea[]) AS a(uid, header, body)
        JOIN mail.message m ON m.mailbox = $1 AND m.uid = a.uid
        JOIN mail.content c ON c.id = m.content ORDER BY c.id FOR KEY SHARE OF c
      ) c ORDER BY c.id
      ON CONFLICT (content) DO UPDATE SET header = excluded.header, body = excluded.body
        WHERE (g.header, g.body) IS DISTINCT FROM (excluded.header, excluded.body)`,
    values: [mailbox, signed.map(({ uid }) => uid), signed.map(({ header }) => header), signed.map(({ body }) => body)],
  });
};
