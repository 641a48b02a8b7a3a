import type { Attempt, RepositoryAccess } from '../../routing/repository-access.ts';
import { PRIVATE, placeOf, SHARED } from '../annotation-place.ts';
import {
  type Annotation,
  type AnnotationPage,
  type Depth,
  type ReadAnnotations,
  SERVER,
  type WriteAnnotations,
  type WriteAnnotationsOutcome,
} from '../annotations.ts';
import { rollBackWith, withOutcome } from '../operations/outcome.ts';
import type { MailboxId } from '../types.ts';
import { type Connection, onlyRow, rows } from './connection.ts';
import { lockMailbox } from './mailboxes/lock-mailbox.ts';
import { lockOwner, lockReaders, lockUsage } from './operations/lock-owner.ts';

/** Octets of values in memory at a time, and those of one mailbox. */
const PAGE_OCTETS = 1024 * 1024;

/** In order of the mailboxes as they are asked for, then of their names. */
export async function readAnnotations(
  access: RepositoryAccess<Connection>,
  { mailboxes, reader, entries, depth, maxSize }: ReadAnnotations,
  attempt: Attempt,
): Promise<AnnotationPage> {
  if (mailboxes.length === 0) return { annotations: [], complete: 0 };
  const found = await access.read(
    (c) =>
      rows<Annotation & { readonly n: number; readonly last: number }>(c, {
        name: `annotations-${depth}`,
        text: readText(depth),
        values: [mailboxes, reader, entries, maxSize, PAGE_OCTETS],
      }),
    attempt,
  );
  const end = found.at(-1);
  return { annotations: found, complete: end === undefined || end.n === end.last ? mailboxes.length : end.n };
}

/** Sizes are known without the values, so what is left out is not read from its tables either. */
const readText = (depth: Depth): string => `
  SELECT mailbox, entry, octets, value, n::int, last::int FROM (
    SELECT a.mailbox, ${full} AS entry, o.octets, CASE WHEN o.fits THEN a.value END AS value, m.n, max(m.n) OVER () AS last,
      coalesce(sum(o.octets) FILTER (WHERE o.fits)
        OVER (ORDER BY m.n GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS octets_before
    FROM unnest($1::uuid[]) WITH ORDINALITY AS m(id, n) JOIN mail.annotation a ON a.mailbox = m.id
    CROSS JOIN LATERAL (SELECT CASE a.reader WHEN '' THEN '${SHARED}' ELSE '${PRIVATE}' END) AS p(prefix)
    CROSS JOIN LATERAL (SELECT octet_length(a.value), $4::bigint IS NULL OR octet_length(a.value) <= $4) AS o(octets, fits)
    WHERE a.reader IN ('', $2) AND EXISTS (SELECT 1 FROM unnest($3::text[]) AS wanted(entry) WHERE ${matches[depth]})
  ) found WHERE octets_before < $5 ORDER BY n, entry COLLATE "C"`;

const full = 'p.prefix || a.entry';
const below = `starts_with(${full}, wanted.entry || '/')`;
const matches = {
  0: `${full} = wanted.entry`,
  1: `${full} = wanted.entry OR ${below} AND strpos(substr(${full}, length(wanted.entry) + 2), '/') = 0`,
  infinity: `${full} = wanted.entry OR ${below}`,
} as const;

/** `octets`: what a user may have in all mailboxes together; null: as much as there is room for. */
type Write = WriteAnnotations & { readonly octets: number | null };

export async function writeAnnotations(
  access: RepositoryAccess<Connection>,
  request: Write,
  attempt: Attempt,
): Promise<WriteAnnotationsOutcome> {
  return await withOutcome(
    access.mutate<WriteAnnotationsOutcome>(request.operation, (tx) => writeIn(tx, request), attempt),
  );
}

async function writeIn(tx: Connection, request: Write): Promise<WriteAnnotationsOutcome> {
  const { mailbox, reader, most } = request;
  // In one order: of two who write the same entries neither waits for the other in a circle.
  const changes = request.changes.toSorted((a, b) => (a.entry < b.entry ? -1 : 1));
  const [locked] = mailbox === SERVER ? await lockOwner(tx, reader).then(() => [null]) : await lockMailbox(tx, mailbox);
  if (locked === undefined) return { kind: 'gone' };
  const users = [...new Set([reader, locked?.owner ?? reader])];
  // Who counts what there is must be alone with it.
  await lockUsage(tx, users);
  if (users.length > 1) await lockReaders(tx, [reader]);
  await write(tx, { mailbox, reader, changes });
  // Removing goes on where a lower limit has come since.
  if (changes.every(({ value }) => value === null)) return { kind: 'written' };
  const { count } = await onlyRow<{ count: number }>(tx, {
    name: 'annotations-count',
    text: `SELECT coalesce(max(n), 0)::float8 AS count FROM (
      SELECT count(*) AS n FROM mail.annotation WHERE mailbox = $1 AND reader IN ('', $2) GROUP BY reader) counted`,
    values: [mailbox, reader],
  });
  if (count > most) rollBackWith({ kind: 'tooMany' });
  if (await isTooMuch(tx, users, request.octets)) rollBackWith({ kind: 'overQuota' });
  return { kind: 'written' };
}

async function write(
  tx: Connection,
  { mailbox, reader, changes }: Pick<Write, 'mailbox' | 'reader' | 'changes'>,
): Promise<void> {
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
      SELECT $1, i.reader, i.entry, i.value FROM incoming i WHERE i.value IS NOT NULL ORDER BY i.reader, i.entry
      ON CONFLICT (mailbox, reader, entry) DO UPDATE SET value = excluded.value, modified_at = clock_timestamp()`,
    values: [
      mailbox,
      split.map((each) => each.reader),
      split.map((each) => each.entry),
      split.map((each) => each.value),
    ],
  });
}

/** Private annotations are their reader's, shared ones of the mailbox's owner. The caller has locked the usage of the users, and the reader where it is a guest. */
async function isTooMuch(tx: Connection, users: readonly string[], octets: number | null): Promise<boolean> {
  if (octets === null) return false;
  const { most } = await onlyRow<{ most: number }>(tx, {
    name: 'annotations-octets',
    text: `SELECT max(coalesce(mine.octets, 0) + coalesce(shared.octets, 0))::float8 AS most
      FROM unnest($1::text[]) AS u(name)
      CROSS JOIN LATERAL (SELECT sum(${octetsOf}) AS octets FROM mail.annotation a
        WHERE a.reader = u.name AND a.reader <> '') mine
      CROSS JOIN LATERAL (SELECT sum(${octetsOf}) AS octets
        FROM mail.mailbox b JOIN mail.annotation a ON a.mailbox = b.id AND a.reader = '' WHERE b.owner = u.name) shared`,
    values: [users],
  });
  return most > octets;
}

const octetsOf = 'octet_length(a.entry) + octet_length(a.value)';

/** RENAME of INBOX: the new mailbox gets copies, INBOX keeps its own (RFC 5464, 4.1). false: more than the owner may have. */
export async function copyAnnotations(
  tx: Connection,
  {
    from,
    to,
    owner,
    octets,
  }: { readonly from: MailboxId; readonly to: string } & {
    readonly owner: string;
    readonly octets: number | null;
  },
): Promise<boolean> {
  const copied = await rows(tx, {
    name: 'annotations-copy',
    text: `INSERT INTO mail.annotation (mailbox, reader, entry, value)
      SELECT $2::uuid, reader, entry, value FROM mail.annotation WHERE mailbox = $1 RETURNING 1`,
    values: [from, to],
  });
  if (copied.length === 0) return true;
  return !(await isTooMuch(tx, [owner], octets));
}
