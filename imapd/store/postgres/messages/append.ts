import { type Attempt, type RepositoryAccess, RepositoryUnavailable } from '../../../routing/repository-access.ts';
import type { QuotaLimits } from '../../quota.ts';
import type { AppendMessage, AppendOutcome, AppendPlace } from '../../store.ts';
import type { MailboxId, ModSeq, Uid, UidValidity } from '../../types.ts';
import { type Connection, firstRow } from '../connection.ts';
import { rollBackWith, withOutcome } from '../operations/outcome.ts';
import { excess, isExcess, limitValue } from '../quota-sql.ts';
import { insertContent } from './content-row.ts';
import { addTotal, firstAdded, totalOf } from './counter-sql.ts';
import { assignKeywords, keywordMask, saveKeywords } from './keywords.ts';

/** What is stored of an outcome: UIDs of one APPEND are consecutive, so the first says all. */
export type StoredAppend = {
  readonly mailbox: MailboxId;
  readonly uidValidity: UidValidity;
  readonly firstUid: number;
  readonly modSeq: ModSeq;
};

/**
 * APPEND in one transaction. The content goes first and the mailbox row is locked last, so that the lock is held for one
 * statement and COMMIT: whoever gets UID n commits before whoever gets n + 1. A small message costs one round trip here.
 */
export async function append(
  access: RepositoryAccess<Connection>,
  request: AppendMessage & { readonly limits: QuotaLimits },
  attempt: Attempt,
): Promise<AppendOutcome> {
  const { messages } = request;
  const outcome = await withOutcome<StoredAppend | { readonly kind: 'noMailbox' | 'tooManyKeywords' | 'overQuota' }>(
    access.mutate(request.operation, (tx) => appendTo(tx, request, request), attempt),
  );
  if ('kind' in outcome) return outcome;
  const { firstUid, ...rest } = outcome;
  return { kind: 'appended', ...rest, uids: appendedUids(firstUid, messages.length) };
}

export const appendedUids = (first: number, count: number): readonly Uid[] =>
  Array.from({ length: count }, (_, i) => (first + i) as Uid);

/** What is appended. `limits`: of the cluster, for who has none of his own; null: room is somebody else's business. */
export type Appending = Pick<AppendMessage, 'operation' | 'messages'> & { readonly limits: QuotaLimits | null };

/** @throws an outcome for `withOutcome` where it cannot be done */
export async function appendTo(tx: Connection, place: AppendPlace, appending: Appending): Promise<StoredAppend> {
  const { messages } = appending;
  const contents = messages.map(({ staged }) => insertContent(tx, staged));
  const [row] = await Promise.all([assignUids(tx, place, appending), ...contents]);
  if (row === null) rollBackWith({ kind: 'noMailbox' });
  if (row.excess && appending.limits !== null) rollBackWith({ kind: 'overQuota' });
  // A staged upload commits chunk by chunk. Under Async its first chunks may be lost with the primary that took them.
  if (row.complete < messages.length) {
    throw new RepositoryUnavailable('the uploaded message was lost with the primary that had taken it');
  }
  return { mailbox: row.id, uidValidity: row.uid_validity, firstUid: row.first_uid, modSeq: row.modseq };
}

type Assigned = {
  readonly id: MailboxId;
  readonly uid_validity: UidValidity;
  readonly first_uid: number;
  readonly modseq: ModSeq;
  readonly complete: number;
  readonly excess: boolean;
};

async function assignUids(
  tx: Connection,
  place: AppendPlace,
  { operation, messages, limits }: Appending,
): Promise<Assigned | null> {
  const masks = await keywordMasks(tx, place, messages);
  const byId = 'id' in place;
  return await firstRow<Assigned>(tx, {
    name: byId ? 'append-to-id' : 'append-to-name',
    text: assignText(byId ? 'b.id = $7 AND $8::text IS NULL' : 'b.owner = $7 AND b.name = $8'),
    values: [
      messages.map((m) => m.staged.content),
      messages.map((m) => m.staged.size),
      messages.map((m) => m.flags.system),
      masks,
      messages.map((m) => m.internalDate),
      operation,
      ...(byId ? [place.id, null] : [place.owner, place.mailbox]),
      limitValue(limits?.STORAGE ?? null),
      limitValue(limits?.MESSAGE ?? null),
    ],
  });
}

const assignText = (place: string): string => `
  WITH incoming AS (
    SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::smallint[], $4::bigint[], $5::timestamptz[])
      WITH ORDINALITY AS i(content, size, flags, keywords, internal_date, n)
  ), total AS (${totalOf('incoming')}
  ), arrived AS (
    DELETE FROM mail.staged s USING incoming i WHERE s.content = i.content
  ), target AS (
    ${addTotal} WHERE ${place}
    RETURNING b.id, b.owner, b.uid_validity, ${firstAdded} AS first_uid, b.modseq
  ), stored AS (
    INSERT INTO mail.message (mailbox, uid, modseq, content, operation, keywords, size, internal_date, flags)
    SELECT t.id, t.first_uid + i.n - 1, t.modseq, i.content, $6, i.keywords, i.size, i.internal_date, i.flags
    FROM target t, incoming i
  ), ${excess('$9', '$10')}
  SELECT t.id, t.uid_validity::float8, t.first_uid::float8, t.modseq::float8, ${isExcess} AS excess,
    (SELECT count(*) FROM incoming i JOIN mail.content c ON c.id = i.content
      WHERE c.chunks = 1 OR c.chunks = (SELECT count(*) FROM mail.chunk k WHERE k.content = c.id))::float8 AS complete
  FROM target t`;

/** One mask a message. Only messages with keywords cost a statement more: the row is locked to give new names their bits. */
async function keywordMasks(
  tx: Connection,
  place: AppendPlace,
  messages: AppendMessage['messages'],
): Promise<readonly string[]> {
  const names = [...new Set(messages.flatMap((m) => m.flags.keywords))];
  if (names.length === 0) return messages.map(() => '0');
  const byId = 'id' in place;
  const row = await firstRow<{ id: string; keywords: string[] }>(tx, {
    name: byId ? 'append-keywords-id' : 'append-keywords-name',
    text: `SELECT id, keywords FROM mail.mailbox WHERE ${byId ? 'id = $1' : 'owner = $1 AND name = $2'} FOR UPDATE`,
    values: byId ? [place.id] : [place.owner, place.mailbox],
  });
  if (row === null) rollBackWith({ kind: 'noMailbox' });
  const assigned = assignKeywords(row.keywords, names);
  if (assigned === 'full') rollBackWith({ kind: 'tooManyKeywords' });
  await saveKeywords(tx, row.id, assigned);
  const bitOf = new Map(names.map((name, i) => [name, assigned.bits[i] ?? 0]));
  return messages.map((m) => keywordMask(m.flags.keywords.map((name) => bitOf.get(name) ?? 0)));
}
