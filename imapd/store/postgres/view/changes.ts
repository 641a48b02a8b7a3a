import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import { type MailboxRow, stateSince } from '../../mailboxes/mailbox-row.ts';
import type { MailboxChanges, Newest } from '../../store.ts';
import type { MailboxId, ModSeq, Uid } from '../../types.ts';
import { type Connection, firstRow, rows } from '../connection.ts';
import { gapSince } from '../epoch-sql.ts';
import { mailboxColumns } from '../mailboxes/mailbox-columns.ts';
import { type PackedRows, packedColumns, readNumbers, unpackRows } from './packed-rows.ts';
import { loadView } from './view.ts';

type ChangesRow = MailboxRow & PackedRows & { readonly expunged_count: number; readonly expunged: string | null };

/** What happened to a mailbox after `since`. Rows and tombstones are read in one snapshot. */
export async function loadChanges(
  access: RepositoryAccess<Connection>,
  { mailbox, since }: { readonly mailbox: MailboxId; readonly since: ModSeq },
  attempt: Attempt,
): Promise<MailboxChanges | null> {
  const row = since === 0 ? null : await access.read((c) => readDelta(c, mailbox, since), attempt);
  if (since !== 0 && row === null) return null;
  if (row !== null) {
    const state = stateSince(row, since);
    if (state !== null) {
      const expunged = [...readNumbers(row.expunged, new Uint32Array(row.expunged_count))] as Uid[];
      return { state, rows: unpackRows(row), expunged, whole: false };
    }
  }
  const view = await loadView(access, mailbox, attempt);
  return view === null ? null : { ...view, expunged: [], whole: true };
}

/** `OFFSET 0` keeps the order out of the choice of an index: by UID all messages of the mailbox would be looked through. */
const readDelta = (c: Connection, mailbox: MailboxId, since: ModSeq): Promise<ChangesRow | null> =>
  firstRow<ChangesRow>(c, {
    name: 'changes-load',
    text: `SELECT ${mailboxColumns}, p.*, t.* FROM mail.mailbox m, LATERAL (
        SELECT ${packedColumns} FROM (SELECT * FROM (SELECT uid, flags, keywords, modseq FROM mail.message
          WHERE mailbox = $1 AND modseq > $2 OFFSET 0) changed ORDER BY uid) ordered
      ) p, LATERAL (
        SELECT count(*)::float8 AS expunged_count, array_agg(uid)::text AS expunged FROM (
          SELECT uid FROM (SELECT uid FROM mail.tombstone WHERE mailbox = $1 AND modseq > $2 OFFSET 0) expunged
          ORDER BY uid) gone
      ) t WHERE m.id = $1`,
    values: [mailbox, since],
  });

/** One statement however many. What sessions ask for and the poll in the background are told apart by its name. */
export async function newestOf(
  access: RepositoryAccess<Connection>,
  mailboxes: readonly MailboxId[],
  attempt: Attempt,
): Promise<ReadonlyMap<MailboxId, Newest>> {
  if (mailboxes.length === 0) return new Map();
  const found = await access.read(
    (c) =>
      rows<Newest & { id: MailboxId }>(c, {
        name: attempt.inBackground === true ? 'modseq-poll' : 'modseq-ask',
        text: `SELECT m.id, m.name, (m.modseq + ${gapSince('m.epoch')})::float8 AS "highestModSeq"
          FROM mail.mailbox m WHERE m.id = ANY($1::uuid[])`,
        values: [mailboxes],
      }),
    attempt,
  );
  return new Map(found.map(({ id, ...newest }) => [id, newest]));
}
