import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import { PRIVATE, SHARED } from '../../annotation-place.ts';
import { SERVER } from '../../annotations.ts';
import type { MailboxId } from '../../types.ts';
import { WATCH_BUCKETS, type WatchDigest, type WatchedAnnotation, type WatchedMailboxState } from '../../watched.ts';
import { type DigestRow, digestsOf, type WatchedRow, watchedState } from '../../watched-row.ts';
import { type Connection, rows, type Statement } from '../connection.ts';
import { gapSince } from '../epoch-sql.ts';
import { raw, type Sql, sql } from '../sql.ts';
import { wordsOf } from '../words.ts';

/** As `watchBucketOf`. */
const bucketOf = (id: string): string => `(ASCII(RIGHT(${id}, 1)) % ${WATCH_BUCKETS})`;

/** Unplanned promotions move what rows say without writing them. */
const ALL_GAPS = '(SELECT COALESCE(SUM(e.uid_gap), 0) FROM repository_epoch e)';

/** Annotations that a user of these may be told of, each with its owner. */
const annotationsOf = (owners: readonly string[]): Sql => sql`
  SELECT b.owner, a.mailbox, a.reader, a.entry, a.modified_at FROM mailbox b
    JOIN annotation a ON a.mailbox = b.id AND a.reader IN ('', b.owner) WHERE b.owner IN (${owners})
  UNION ALL SELECT a.reader, a.mailbox, a.reader, a.entry, a.modified_at FROM annotation a
    WHERE a.mailbox = ${uuidOctets(SERVER)} AND a.reader IN (${owners})`;

const MICROSECONDS = "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', a.modified_at)";

/**
 * What is summed up, exactly (DECIMAL): a checksum of what something is, never 0, and a number that only grows while it lasts. The sum
 * of such numbers is below 10^20, so neither part of a sum hides the other: where the same mailboxes are there, no change of any
 * is missed, and nothing is hashed for longer than its row takes to read.
 */
const summand = (what: string, state: string): string => `((CRC32(${what}) + 1) * 100000000000000000000 + ${state})`;

const HASH = summand('CONCAT(m.id, m.name)', `m.modseq + ${ALL_GAPS}`);

/** In a UNION MySQL has a long VARBINARY as a BLOB. */
type NameText = string | Buffer;

/** The poll of users who watch mailboxes that they have not selected: nothing but sums leaves the database. */
export async function watchDigests(
  access: RepositoryAccess<Connection>,
  { owners, annotated }: { readonly owners: readonly string[]; readonly annotated: readonly string[] },
  attempt: Attempt,
): Promise<ReadonlyMap<string, WatchDigest>> {
  if (owners.length === 0) return new Map();
  const statement = {
    name: 'watch-digests',
    ...sql`SELECT m.owner, 'm' AS kind, ${raw(bucketOf('m.id'))} AS bucket, ${sumOf(HASH)} AS sum
        FROM mailbox m WHERE m.owner IN (${owners}) GROUP BY m.owner, bucket
      UNION ALL SELECT s.owner, 's', 0, ${sumOf(summand('s.name', '0'))}
        FROM subscription s WHERE s.owner IN (${owners}) GROUP BY s.owner
      UNION ALL SELECT a.owner, 'a', 0, ${sumOf(summand('CONCAT(a.mailbox, a.reader, a.entry)', MICROSECONDS))}
        FROM (${annotationsOf(annotated)}) a GROUP BY a.owner`,
  };
  type Columns = Omit<DigestRow, 'owner'> & { readonly owner: NameText };
  const found = await access.read((c) => rows<Columns>(c, statement), attempt);
  return digestsOf(
    owners,
    found.map((row) => ({ ...row, owner: row.owner.toString() })),
  );
}

/** As a text: no number of ours holds it. */
const sumOf = (expression: string): Sql => raw(`CAST(SUM(${expression}) AS CHAR)`);

const watched = raw(`SELECT m.id, m.owner, m.name, m.uid_validity, m.uid_next + ${gapSince('m.epoch')} AS uid_next,
    m.modseq + ${gapSince('m.epoch')} AS modseq, m.messages, m.unseen, m.special_use, CAST(${HASH} AS CHAR) AS hash
  FROM mailbox m`);

type WatchedColumns = Omit<WatchedRow, 'special_use'> & { readonly special_use: string };

async function readWatched(
  access: RepositoryAccess<Connection>,
  statement: Statement,
  attempt: Attempt,
): Promise<readonly WatchedMailboxState[]> {
  const found = await access.read((c) => rows<WatchedColumns>(c, statement), attempt);
  return found.map((row) => watchedState({ ...row, special_use: wordsOf(row.special_use) }));
}

export async function watchedMailboxes(
  access: RepositoryAccess<Connection>,
  { owner, buckets }: { readonly owner: string; readonly buckets: readonly number[] },
  attempt: Attempt,
): Promise<readonly WatchedMailboxState[]> {
  const inBuckets = sql`${raw(bucketOf('m.id'))} IN (${buckets})`;
  const statement = { name: 'watch-mailboxes', ...sql`${watched} WHERE m.owner = ${owner} AND ${inBuckets}` };
  return await readWatched(access, statement, attempt);
}

/** What a hint has named: by the primary key, however many mailboxes the user has. */
export async function watchedMailboxesById(
  access: RepositoryAccess<Connection>,
  { owner, mailboxes }: { readonly owner: string; readonly mailboxes: readonly MailboxId[] },
  attempt: Attempt,
): Promise<readonly WatchedMailboxState[]> {
  const ids = mailboxes.map(uuidOctets);
  const statement = {
    name: 'watch-mailboxes-by-id',
    ...sql`${watched} FORCE INDEX (PRIMARY) WHERE m.owner = ${owner} AND m.id IN (${ids})`,
  };
  return await readWatched(access, statement, attempt);
}

export async function watchedSubscriptions(
  access: RepositoryAccess<Connection>,
  owner: string,
  attempt: Attempt,
): Promise<readonly string[]> {
  const statement = {
    name: 'watch-subscriptions',
    text: 'SELECT s.name FROM subscription s WHERE s.owner = ?',
    values: [owner],
    prepared: true,
  };
  const found = await access.read((c) => rows<{ name: string }>(c, statement), attempt);
  return found.map(({ name }) => name);
}

export async function watchedAnnotations(
  access: RepositoryAccess<Connection>,
  owner: string,
  attempt: Attempt,
): Promise<readonly WatchedAnnotation[]> {
  const statement = {
    name: 'watch-annotations',
    ...sql`SELECT a.mailbox, a.reader = '' AS shared, a.entry, CAST(${raw(MICROSECONDS)} AS CHAR) AS at
      FROM (${annotationsOf([owner])}) a`,
  };
  type Columns = Omit<WatchedAnnotation, 'entry'> & { readonly shared: number; readonly entry: NameText };
  const found = await access.read((c) => rows<Columns>(c, statement), attempt);
  return found.map(({ mailbox, shared, entry, at }) => ({
    mailbox,
    entry: `${shared === 1 ? SHARED : PRIVATE}${entry}`,
    at,
  }));
}
