import { SERVER } from '../../annotations.ts';
import type { AnnotationStatements, Found, TailAnnotation } from '../../salvage/salvage-statements.ts';
import { type Connection, firstRow, rows } from '../connection.ts';
import { lockReaders } from '../operations/lock-owner.ts';

export const annotationStatements: AnnotationStatements<Connection> = {
  async exist(source) {
    return (await firstRow(source, { text: "SELECT 1 WHERE to_regclass('mail.annotation') IS NOT NULL" })) !== null;
  },

  page: (source, { since, after, most }) =>
    rows<TailAnnotation>(source, {
      text: `SELECT a.mailbox, a.reader, a.entry, a.value, m.owner, m.name
        FROM mail.annotation a LEFT JOIN mail.mailbox m ON m.id = a.mailbox
        WHERE a.modified_at >= $1 AND (a.mailbox, a.reader, a.entry) > ($2::uuid, $3, $4)
        ORDER BY a.mailbox, a.reader, a.entry LIMIT $5`,
      values: [since, ...after, most],
    }),

  async insert(tx, annotations, { found, began }) {
    const column = <K extends keyof TailAnnotation>(key: K) => annotations.map((row) => row[key]);
    // Until COMMIT nobody removes what they belong to: nobody would collect them then.
    await rows(tx, {
      text: `SELECT 1 FROM mail.mailbox WHERE id = ANY($1::uuid[])
          OR (owner, name) IN (SELECT * FROM unnest($2::text[], $3::text[])) ORDER BY id FOR UPDATE`,
      values: [column('mailbox'), column('owner'), column('name')],
    });
    await rows(tx, {
      text: 'SELECT 1 FROM mail.account WHERE name = ANY($1::text[]) ORDER BY name FOR KEY SHARE',
      values: [column('reader')],
    });
    await lockReaders(tx, column('reader'));
    await rows(tx, {
      text: insertText(found),
      values: [
        column('mailbox'),
        column('reader'),
        column('entry'),
        column('value'),
        column('owner'),
        column('name'),
        began,
      ],
    });
  },
};

const joins: Readonly<Record<Found, string>> = {
  id: `LEFT JOIN mail.mailbox b ON b.id = i.mailbox WHERE (b.id IS NOT NULL OR i.mailbox = '${SERVER}')`,
  name: `JOIN mail.mailbox b ON b.owner = i.owner AND b.name = i.name
    WHERE NOT EXISTS (SELECT 1 FROM mail.mailbox same WHERE same.id = i.mailbox)`,
};

const insertText = (found: Found): string => `
  INSERT INTO mail.annotation AS here (mailbox, reader, entry, value)
  SELECT coalesce(b.id, i.mailbox) AS place, i.reader, i.entry, i.value
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::text[], $6::text[])
    AS i(mailbox, reader, entry, value, owner, name)
  ${joins[found]}
    AND (i.reader = '' OR EXISTS (SELECT 1 FROM mail.account a WHERE a.name = i.reader)
      OR EXISTS (SELECT 1 FROM mail.acl l WHERE l.mailbox = b.id AND l.identifier = i.reader)
      OR EXISTS (SELECT 1 FROM mail.annotation other WHERE other.reader = i.reader AND other.reader <> ''))
  ORDER BY place, i.reader, i.entry
  ON CONFLICT (mailbox, reader, entry) DO UPDATE SET value = excluded.value, modified_at = clock_timestamp()
  WHERE here.modified_at < $7`;
