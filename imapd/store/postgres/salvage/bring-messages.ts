import { writeUids } from '../../messages/uid-ranges.ts';
import { derivedOperation } from '../../operations/derived-operation.ts';
import type { MailboxId, Uid } from '../../types.ts';
import { COLLECTOR_LOCK } from '../collect/collect-steps.ts';
import { type Connection, onlyRow, rows } from '../connection.ts';
import { lockMailbox } from '../mailboxes/lock-mailbox.ts';
import { addTotal, firstAdded, totalOf } from '../messages/counter-sql.ts';
import { saveKeywords } from '../messages/save-keywords.ts';
import type { SalvageContext } from './salvage-context.ts';
import type { TailRow } from './salvage-messages.ts';
import type { SourceMailbox } from './source-mailboxes.ts';
import { translateKeywords } from './translate-keywords.ts';

/** What tells a user that a message came back. */
export const SALVAGED = '$Salvaged';

export type Bring = {
  readonly mailbox: SourceMailbox;
  readonly into: MailboxId;
  readonly bring: readonly TailRow[];
  readonly known: readonly { readonly oldUid: number; readonly newUid: number | null }[];
};

/** One transaction: the messages get their new UIDs and every decision is recorded. */
export async function bringMessages(context: SalvageContext, request: Bring): Promise<void> {
  const uids = [...request.bring.map((row) => row.uid), ...request.known.map((row) => row.oldUid)];
  const step = `${request.mailbox.id} ${writeUids(uids as Uid[])} into ${request.into}`;
  await context.target.mutate(
    derivedOperation(`salvage ${context.member}`, step),
    (tx) => bringIn(tx, context.member, request),
    context.attempt,
  );
}

async function bringIn(tx: Connection, member: string, request: Bring): Promise<null> {
  // From here to COMMIT no content is collected: what these rows are about to refer to stays.
  await rows(tx, { text: 'SELECT pg_advisory_xact_lock($1)', values: [COLLECTOR_LOCK] });
  if (request.bring.length > 0) await insert(tx, member, request);
  if (request.known.length > 0) await note(tx, member, request);
  return null;
}

async function insert(tx: Connection, member: string, { mailbox, into, bring }: Bring): Promise<void> {
  const [here] = await lockMailbox(tx, into);
  if (here === undefined) throw new Error(`mailbox ${mailbox.name} of ${mailbox.owner} was deleted in the meantime`);
  const { assigned, masks } = translateKeywords(here.keywords, mailbox.keywords, {
    masks: bring.map((row) => BigInt(row.keywords)),
    extra: SALVAGED,
  });
  await saveKeywords(tx, into, assigned);
  const { missing } = await onlyRow<{ missing: number }>(tx, {
    name: 'salvage-insert',
    text: insertText,
    values: [
      into,
      bring.map((row) => row.content),
      bring.map((row) => row.operation),
      bring.map((row) => row.size),
      bring.map((row) => row.flags),
      masks,
      bring.map((row) => row.internal_date),
      bring.map((row) => row.uid),
      member,
      mailbox.id,
    ],
  });
  if (missing > 0)
    throw new Error(`${missing} contents were collected in the meantime; the next run copies them again`);
}

const insertText = `
  WITH incoming AS (
    SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::smallint[], $6::bigint[], $7::timestamptz[], $8::bigint[])
      WITH ORDINALITY AS i(content, operation, size, flags, keywords, internal_date, old_uid, n)
  ), total AS (${totalOf('incoming')}
  ), arrived AS (
    DELETE FROM mail.staged s USING incoming i WHERE s.content = i.content
  ), target AS (
    ${addTotal} WHERE b.id = $1 RETURNING ${firstAdded} AS first_uid, b.modseq
  ), stored AS (
    INSERT INTO mail.message (mailbox, uid, modseq, content, operation, keywords, size, internal_date, flags)
    SELECT $1, t.first_uid + i.n - 1, t.modseq, i.content, i.operation, i.keywords, i.size, i.internal_date, i.flags
    FROM target t, incoming i
  ), noted AS (
    INSERT INTO mail.salvaged (member, mailbox, old_uid, new_mailbox, new_uid, brought)
    SELECT $9, $10, i.old_uid, $1, t.first_uid + i.n - 1, true FROM target t, incoming i
  )
  SELECT count(*)::float8 AS missing FROM incoming i
  WHERE NOT EXISTS (SELECT 1 FROM mail.content c WHERE c.id = i.content)`;

const note = (tx: Connection, member: string, { mailbox, into, known }: Bring): Promise<unknown> =>
  rows(tx, {
    name: 'salvage-note',
    text: `INSERT INTO mail.salvaged (member, mailbox, old_uid, new_mailbox, new_uid, brought)
      SELECT $1, $2, k.old_uid, CASE WHEN k.new_uid IS NOT NULL THEN $3::uuid END, k.new_uid, false
      FROM unnest($4::bigint[], $5::bigint[]) AS k(old_uid, new_uid)`,
    values: [member, mailbox.id, into, known.map((row) => row.oldUid), known.map((row) => row.newUid)],
  });
