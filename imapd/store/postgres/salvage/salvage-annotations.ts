import { SERVER } from '../../annotations.ts';
import { derivedOperation } from '../../operations/derived-operation.ts';
import { type Connection, firstRow, rows } from '../connection.ts';
import { lockReaders } from '../operations/lock-owner.ts';
import type { SalvageContext } from './salvage-context.ts';
import { sinceTail } from './salvage-names.ts';

type TailAnnotation = {
  readonly mailbox: string;
  readonly reader: string;
  readonly entry: string;
  readonly value: Buffer;
  /** null: of the server, or of a mailbox that is gone. */
  readonly owner: string | null;
  readonly name: string | null;
};

/** Rows in memory at a time. */
const PAGE = 200;

/** How a mailbox is found here: `id` the very one; `name` one that is unknown here by its id. */
type Found = 'id' | 'name';

const joins: Readonly<Record<Found, string>> = {
  id: `LEFT JOIN mail.mailbox b ON b.id = i.mailbox WHERE (b.id IS NOT NULL OR i.mailbox = '${SERVER}')`,
  name: `JOIN mail.mailbox b ON b.owner = i.owner AND b.name = i.name
    WHERE NOT EXISTS (SELECT 1 FROM mail.mailbox same WHERE same.id = i.mailbox)`,
};

/**
 * Annotations written in the tail, unless they have been written here since. A mailbox that was made in the tail has another
 * id here, and is found by its name: after all others, for who has that name here may be one that the tail renamed, whose own
 * annotations go before. What the tail removed stays. A reader must be known here: by an account, or, where that is in
 * another partition, by an entry in the ACL of the mailbox; of others nobody can tell whether they have been removed since.
 */
export async function salvageAnnotations(context: SalvageContext): Promise<void> {
  const { source } = context;
  // An old primary may be of a schema without annotations.
  const kept = await firstRow(source, { text: "SELECT 1 WHERE to_regclass('mail.annotation') IS NOT NULL" });
  if (context.tailBegan === null || kept === null) return;
  const began = sinceTail(context.tailBegan);
  for (const found of ['id', 'name'] as const) await bringAll(context, found, began);
}

async function bringAll(context: SalvageContext, found: Found, began: Date): Promise<void> {
  const { source } = context;
  let after: readonly string[] = [SERVER, '', ''];
  for (;;) {
    context.attempt.signal.throwIfAborted();
    const page = await rows<TailAnnotation>(source, {
      text: `SELECT a.mailbox, a.reader, a.entry, a.value, m.owner, m.name
        FROM mail.annotation a LEFT JOIN mail.mailbox m ON m.id = a.mailbox
        WHERE a.modified_at >= $1 AND (a.mailbox, a.reader, a.entry) > ($2::uuid, $3, $4)
        ORDER BY a.mailbox, a.reader, a.entry LIMIT ${PAGE}`,
      values: [began, ...after],
    });
    const last = page.at(-1);
    if (last === undefined) return;
    after = [last.mailbox, last.reader, last.entry];
    await bring(context, page, { found, began });
  }
}

async function bring(
  { target, attempt, member }: SalvageContext,
  page: readonly TailAnnotation[],
  { found, began }: { readonly found: Found; readonly began: Date },
): Promise<void> {
  const step = `annotations by ${found} ${JSON.stringify(page.map(({ mailbox, reader, entry }) => [mailbox, reader, entry]))}`;
  const column = <K extends keyof TailAnnotation>(key: K) => page.map((row) => row[key]);
  await target.mutate(
    derivedOperation(`salvage ${member}`, step),
    async (tx: Connection) => {
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
        text: `INSERT INTO mail.annotation AS here (mailbox, reader, entry, value)
          SELECT coalesce(b.id, i.mailbox) AS place, i.reader, i.entry, i.value
          FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::text[], $6::text[])
            AS i(mailbox, reader, entry, value, owner, name)
          ${joins[found]}
            AND (i.reader = '' OR EXISTS (SELECT 1 FROM mail.account a WHERE a.name = i.reader)
              OR EXISTS (SELECT 1 FROM mail.acl l WHERE l.mailbox = b.id AND l.identifier = i.reader))
          ORDER BY place, i.reader, i.entry
          ON CONFLICT (mailbox, reader, entry) DO UPDATE SET value = excluded.value, modified_at = clock_timestamp()
          WHERE here.modified_at < $7`,
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
      return null;
    },
    attempt,
  );
}
