import type { Attempt, RepositoryAccess } from '../../routing/repository-access.ts';
import {
  type Annotation,
  type ReadAnnotations,
  SERVER,
  type WriteAnnotations,
  type WriteAnnotationsOutcome,
} from '../annotations.ts';
import type { MailboxId } from '../types.ts';
import { type Connection, onlyRow, rows } from './connection.ts';
import { lockMailbox } from './mailboxes/lock-mailbox.ts';
import { lockOwner } from './operations/lock-owner.ts';
import { rollBackWith, withOutcome } from './operations/outcome.ts';

const PRIVATE = '/private';
const SHARED = '/shared';

/** In order of their names, mailbox by mailbox. */
export async function readAnnotations(
  access: RepositoryAccess<Connection>,
  { mailboxes, reader, entries, depth }: ReadAnnotations,
  attempt: Attempt,
): Promise<readonly Annotation[]> {
  if (mailboxes.length === 0) return [];
  return await access.read(
    (c) =>
      rows<Annotation>(c, {
        name: `annotations-${depth}`,
        text: `SELECT a.mailbox, p.prefix || a.entry AS entry, a.value
          FROM mail.annotation a CROSS JOIN LATERAL (SELECT CASE a.reader WHEN '' THEN '${SHARED}' ELSE '${PRIVATE}' END) AS p(prefix)
          WHERE a.mailbox = ANY($1::uuid[]) AND a.reader IN ('', $2) AND EXISTS (
            SELECT 1 FROM unnest($3::text[]) AS wanted(entry) WHERE ${matches[depth]})
          ORDER BY a.mailbox, (${full}) COLLATE "C"`,
        values: [mailboxes, reader, entries],
      }),
    attempt,
  );
}

const full = 'p.prefix || a.entry';
const below = `starts_with(${full}, wanted.entry || '/')`;
const matches = {
  0: `${full} = wanted.entry`,
  1: `${full} = wanted.entry OR ${below} AND strpos(substr(${full}, length(wanted.entry) + 2), '/') = 0`,
  infinity: `${full} = wanted.entry OR ${below}`,
} as const;

export async function writeAnnotations(
  access: RepositoryAccess<Connection>,
  request: WriteAnnotations,
  attempt: Attempt,
): Promise<WriteAnnotationsOutcome> {
  return await withOutcome(
    access.mutate<WriteAnnotationsOutcome>(request.operation, (tx) => writeIn(tx, request), attempt),
  );
}

async function writeIn(tx: Connection, request: WriteAnnotations): Promise<WriteAnnotationsOutcome> {
  const { mailbox, reader, changes, most } = request;
  // Who counts what there is must be alone with it.
  if (mailbox === SERVER) await lockOwner(tx, reader);
  else if ((await lockMailbox(tx, mailbox)).length === 0) return { kind: 'gone' };
  const split = changes.map(({ entry, value }) => ({ ...placeOf(entry, reader), value }));
  await rows(tx, {
    name: 'annotations-write',
    text: `WITH incoming AS (
        SELECT * FROM unnest($2::text[], $3::text[], $4::bytea[]) AS i(reader, entry, value)
      ), gone AS (
        DELETE FROM mail.annotation a USING incoming i
        WHERE a.mailbox = $1 AND a.reader = i.reader AND a.entry = i.entry AND i.value IS NULL
      )
      INSERT INTO mail.annotation (mailbox, reader, entry, value)
      SELECT $1, i.reader, i.entry, i.value FROM incoming i WHERE i.value IS NOT NULL
      ON CONFLICT (mailbox, reader, entry) DO UPDATE SET value = excluded.value, modified_at = clock_timestamp()`,
    values: [
      mailbox,
      split.map((each) => each.reader),
      split.map((each) => each.entry),
      split.map((each) => each.value),
    ],
  });
  const { count } = await onlyRow<{ count: number }>(tx, {
    name: 'annotations-count',
    text: `SELECT coalesce(max(n), 0)::float8 AS count FROM (
      SELECT count(*) AS n FROM mail.annotation WHERE mailbox = $1 AND reader IN ('', $2) GROUP BY reader) counted`,
    values: [mailbox, reader],
  });
  // Removing goes on where a lower limit has come since.
  if (count > most && changes.some(({ value }) => value !== null)) rollBackWith({ kind: 'tooMany' });
  return { kind: 'written' };
}

const placeOf = (entry: string, reader: string): { readonly reader: string; readonly entry: string } =>
  entry.startsWith(`${PRIVATE}/`)
    ? { reader, entry: entry.slice(PRIVATE.length) }
    : { reader: '', entry: entry.slice(SHARED.length) };

/** RENAME of INBOX: the new mailbox gets copies, INBOX keeps its own (RFC 5464, 4.1). */
export async function copyAnnotations(
  tx: Connection,
  { from, to }: { readonly from: MailboxId; readonly to: string },
): Promise<void> {
  await rows(tx, {
    name: 'annotations-copy',
    text: `INSERT INTO mail.annotation (mailbox, reader, entry, value)
      SELECT $2::uuid, reader, entry, value FROM mail.annotation WHERE mailbox = $1`,
    values: [from, to],
  });
}
