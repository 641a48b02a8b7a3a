import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import { SERVER } from '../../annotations.ts';
import type { MailboxId } from '../../types.ts';
import { WATCH_BUCKETS, type WatchDigest, type WatchedAnnotation, type WatchedMailboxState } from '../../watched.ts';
import { type DigestRow, digestsOf, type WatchedRow, watchedState } from '../../watched-row.ts';
import { type Connection, rows } from '../connection.ts';
import { gapSince } from '../epoch-sql.ts';

/** As `watchBucketOf`. */
const bucketOf = (id: string): string => `(get_byte(uuid_send(${id}), 15) % ${WATCH_BUCKETS})`;

/** Unplanned promotions move what rows say without writing them. */
const ALL_GAPS = '(SELECT coalesce(sum(e.uid_gap), 0)::bigint FROM imapcluster.repository_epoch e)';

/** Annotations that a user of `$n` may be told of, each with its owner. */
const annotationsOf = (owners: string): string => `
  SELECT b.owner, a.mailbox, a.reader, a.entry, a.modified_at FROM mail.mailbox b
    JOIN mail.annotation a ON a.mailbox = b.id AND a.reader IN ('', b.owner) WHERE b.owner = ANY(${owners})
  UNION ALL SELECT a.reader, a.mailbox, a.reader, a.entry, a.modified_at FROM mail.annotation a
    WHERE a.mailbox = '${SERVER}' AND a.reader = ANY(${owners})`;

const MICROSECONDS = '(extract(epoch FROM a.modified_at) * 1000000)::bigint';

const HASH = `hashtextextended(m.id::text || m.name, m.modseq + ${ALL_GAPS})`;

/** The poll of users who watch mailboxes that they have not selected: nothing but sums leaves the database. */
export async function watchDigests(
  access: RepositoryAccess<Connection>,
  { owners, annotated }: { readonly owners: readonly string[]; readonly annotated: readonly string[] },
  attempt: Attempt,
): Promise<ReadonlyMap<string, WatchDigest>> {
  if (owners.length === 0) return new Map();
  const found = await access.read(
    (c) =>
      rows<DigestRow>(c, {
        name: 'watch-digests',
        text: `SELECT m.owner, 'm' AS kind, ${bucketOf('m.id')} AS bucket,
            sum(${HASH})::text AS sum
            FROM mail.mailbox m WHERE m.owner = ANY($1::text[]) GROUP BY 1, 3
          UNION ALL SELECT s.owner, 's', 0, sum(hashtextextended(s.name, 0))::text
            FROM mail.subscription s WHERE s.owner = ANY($1::text[]) GROUP BY 1
          UNION ALL SELECT a.owner, 'a', 0, sum(hashtextextended(a.mailbox::text || a.reader || a.entry, ${MICROSECONDS}))::text
            FROM (${annotationsOf('$2::text[]')}) a GROUP BY 1`,
        values: [owners, annotated],
      }),
    attempt,
  );
  return digestsOf(owners, found);
}

const WATCHED = `SELECT m.id, m.owner, m.name, m.uid_validity::float8, (m.uid_next + g.gap)::float8 AS uid_next,
    (m.modseq + g.gap)::float8 AS modseq, m.messages::float8, m.unseen::float8, m.special_use, ${HASH}::text AS hash
  FROM mail.mailbox m CROSS JOIN LATERAL (SELECT ${gapSince('m.epoch')} AS gap) g`;

export async function watchedMailboxes(
  access: RepositoryAccess<Connection>,
  { owner, buckets }: { readonly owner: string; readonly buckets: readonly number[] },
  attempt: Attempt,
): Promise<readonly WatchedMailboxState[]> {
  const found = await access.read(
    (c) =>
      rows<WatchedRow>(c, {
        name: 'watch-mailboxes',
        text: `${WATCHED} WHERE m.owner = $1 AND ${bucketOf('m.id')} = ANY($2::int[])`,
        values: [owner, buckets],
      }),
    attempt,
  );
  return found.map(watchedState);
}

/** What a hint has named: by the primary key, however many mailboxes the user has. */
export async function watchedMailboxesById(
  access: RepositoryAccess<Connection>,
  { owner, mailboxes }: { readonly owner: string; readonly mailboxes: readonly MailboxId[] },
  attempt: Attempt,
): Promise<readonly WatchedMailboxState[]> {
  const found = await access.read(
    (c) =>
      rows<WatchedRow>(c, {
        name: 'watch-mailboxes-by-id',
        text: `${WATCHED} WHERE m.owner = $1 AND m.id = ANY($2::uuid[])`,
        values: [owner, mailboxes],
      }),
    attempt,
  );
  return found.map(watchedState);
}

export async function watchedSubscriptions(
  access: RepositoryAccess<Connection>,
  owner: string,
  attempt: Attempt,
): Promise<readonly string[]> {
  const found = await access.read(
    (c) =>
      rows<{ name: string }>(c, {
        name: 'watch-subscriptions',
        text: 'SELECT s.name FROM mail.subscription s WHERE s.owner = $1',
        values: [owner],
      }),
    attempt,
  );
  return found.map(({ name }) => name);
}

export async function watchedAnnotations(
  access: RepositoryAccess<Connection>,
  owner: string,
  attempt: Attempt,
): Promise<readonly WatchedAnnotation[]> {
  return await access.read(
    (c) =>
      rows<WatchedAnnotation>(c, {
        name: 'watch-annotations',
        text: `SELECT a.mailbox, CASE a.reader WHEN '' THEN '/shared' ELSE '/private' END || a.entry AS entry,
            ${MICROSECONDS}::text AS at FROM (${annotationsOf('$1::text[]')}) a`,
        values: [[owner]],
      }),
    attempt,
  );
}
