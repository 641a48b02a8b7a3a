import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
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
import { affected, batch, type Connection, onlyRow, rows, type Statement } from './connection.ts';
import { belowName } from './mailboxes/below-name.ts';
import { lockMailbox } from './mailboxes/lock-mailbox.ts';
import { lockOwner, readerLock } from './operations/lock-slots.ts';
import { usageLock } from './operations/usage.ts';
import { join, raw, type Sql, sql } from './sql.ts';

/** Octets of values in memory at a time, and those of one mailbox. */
const PAGE_OCTETS = 1024 * 1024;

/** In order of the mailboxes as they are asked for, then of their names. */
export async function readAnnotations(
  access: RepositoryAccess<Connection>,
  request: ReadAnnotations,
  attempt: Attempt,
): Promise<AnnotationPage> {
  const { mailboxes, depth } = request;
  if (mailboxes.length === 0) return { annotations: [], complete: 0 };
  type Columns = Omit<Annotation, 'entry'> & {
    readonly entry: string | Buffer;
    readonly n: number;
    readonly last: number;
  };
  const statement = { name: `annotations-${depth}`, ...readStatement(request) };
  const found = await access.read((c) => rows<Columns>(c, statement), attempt);
  // Here, for a sort of the server's has only so much room for values.
  const annotations = found
    .map((row) => ({ ...row, entry: row.entry.toString() }))
    .sort((a, b) => a.n - b.n || (a.entry < b.entry ? -1 : 1));
  const end = annotations.at(-1);
  return { annotations, complete: end === undefined || end.n === end.last ? mailboxes.length : end.n };
}

/** Sizes come first and without the values, so what is left out is in no table of the server's. */
function readStatement({ mailboxes, reader, entries, depth, maxSize }: ReadAnnotations): Sql {
  const ids = mailboxes.map(uuidOctets);
  const known = sql`
    SELECT a.mailbox, a.reader, a.entry AS place, ${raw(full)} AS entry, LENGTH(a.value) AS octets,
      ${maxSize} IS NULL OR LENGTH(a.value) <= ${maxSize} AS fits, FIELD(a.mailbox, ${ids}) AS n
    FROM annotation a WHERE a.mailbox IN (${ids}) AND a.reader IN ('', ${reader})`;
  const wanted = join(
    entries.map((entry) => matches(entry, depth)),
    ' OR ',
  );
  const sized = sql`
    SELECT k.*, MAX(k.n) OVER () AS last, SUM(IF(k.fits, k.octets, 0)) OVER (
      ORDER BY k.n RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS octets_before
    FROM (${known}) k WHERE ${entries.length === 0 ? raw('FALSE') : wanted}`;
  return sql`SELECT v.mailbox, f.entry, f.octets, IF(f.fits, v.value, NULL) AS value, f.n, f.last
    FROM (${sized}) f JOIN annotation v ON v.mailbox = f.mailbox AND v.reader = f.reader AND v.entry = f.place
    WHERE COALESCE(f.octets_before, 0) < ${PAGE_OCTETS}`;
}

const full = `CONCAT(IF(a.reader = '', '${SHARED}', '${PRIVATE}'), a.entry)`;

function matches(entry: string, depth: Depth): Sql {
  const itself = sql`k.entry = ${entry}`;
  if (depth === 0) return itself;
  const below = belowName(raw('k.entry'), entry);
  if (depth === 'infinity') return sql`${itself} OR ${below}`;
  return sql`${itself} OR ${below} AND LOCATE('/', k.entry, ${Buffer.byteLength(entry) + 2}) = 0`;
}

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
  const { mailbox, reader, most, octets, changes } = request;
  const [locked] = mailbox === SERVER ? await lockOwner(tx, reader).then(() => [null]) : await lockMailbox(tx, mailbox);
  if (locked === undefined) return { kind: 'gone' };
  const users = [...new Set([reader, locked?.owner ?? reader])];
  const answers = await batch(tx, [
    // Who counts what there is must be alone with it.
    usageLock(users),
    ...(users.length > 1 ? [readerLock([reader])] : []),
    ...writeStatements(request),
    countStatement(mailbox, reader),
    octetsStatement(users),
  ]);
  // Removing goes on where a lower limit has come since.
  if (changes.every(({ value }) => value === null)) return { kind: 'written' };
  const [[counted], [used]] = answers.slice(-2) as [[{ count: number }], [{ most: number }]];
  if (counted.count > most) rollBackWith({ kind: 'tooMany' });
  if (octets !== null && used.most > octets) rollBackWith({ kind: 'overQuota' });
  return { kind: 'written' };
}

/** In one order: of two who write the same entries neither waits for the other in a circle. */
function writeStatements({ mailbox, reader, changes }: Pick<Write, 'mailbox' | 'reader' | 'changes'>): Statement[] {
  const id = uuidOctets(mailbox);
  const placed = changes
    .toSorted((a, b) => (a.entry < b.entry ? -1 : 1))
    .map(({ entry, value }) => ({ ...placeOf(entry, reader), value }));
  const [removed, written] = [
    placed.filter(({ value }) => value === null),
    placed.filter(({ value }) => value !== null),
  ];
  const statements: Statement[] = [];
  if (removed.length > 0) {
    const which = removed.map((each) => sql`reader = ${each.reader} AND entry = ${each.entry}`);
    statements.push({
      name: 'annotations-remove',
      ...sql`DELETE FROM annotation WHERE mailbox = ${id} AND (${join(which, ' OR ')})`,
    });
  }
  if (written.length > 0) {
    const values = written.map((each) => sql`(${id}, ${each.reader}, ${each.entry}, ${each.value})`);
    statements.push({
      name: 'annotations-write',
      ...sql`INSERT INTO annotation (mailbox, reader, entry, value) VALUES ${join(values, ', ')}
        ON DUPLICATE KEY UPDATE value = VALUES(value), modified_at = CURRENT_TIMESTAMP(6)`,
    });
  }
  return statements;
}

const countStatement = (mailbox: MailboxId, reader: string): Statement => ({
  name: 'annotations-count',
  text: `SELECT COALESCE(MAX(n), 0) AS count FROM (
    SELECT COUNT(*) AS n FROM annotation WHERE mailbox = ? AND reader IN ('', ?) GROUP BY reader) counted`,
  values: [uuidOctets(mailbox), reader],
});

/** What the one of them has who has most: private annotations are their reader's, shared ones of the mailbox's owner. */
const octetsStatement = (users: readonly string[]): Statement => ({
  name: 'annotations-octets',
  ...sql`SELECT MAX(u.octets) AS most FROM (${join(users.map(octetsOf), ' UNION ALL ')}) u`,
});

const octetsOf = (user: string): Sql => sql`
  SELECT COALESCE((SELECT SUM(${OCTETS}) FROM annotation a WHERE a.reader = ${user} AND a.reader <> ''), 0)
    + COALESCE((SELECT SUM(${OCTETS}) FROM mailbox b JOIN annotation a ON a.mailbox = b.id AND a.reader = ''
      WHERE b.owner = ${user}), 0) AS octets`;

const OCTETS = raw('LENGTH(a.entry) + LENGTH(a.value)');

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
  const copied = await affected(tx, {
    name: 'annotations-copy',
    text: `INSERT INTO annotation (mailbox, reader, entry, value)
      SELECT ?, reader, entry, value FROM annotation WHERE mailbox = ?`,
    values: [uuidOctets(to), uuidOctets(from)],
  });
  if (copied === 0 || octets === null) return true;
  const { most } = await onlyRow<{ most: number }>(tx, octetsStatement([owner]));
  return most <= octets;
}
