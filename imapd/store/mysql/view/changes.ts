import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import type { MailboxState } from '../../mailbox-state.ts';
import { stateSince } from '../../mailboxes/mailbox-row.ts';
import type { MailboxChanges, Newest } from '../../store.ts';
import type { MailboxId, ModSeq, Uid } from '../../types.ts';
import { type Connection, rows } from '../connection.ts';
import { gapSince } from '../epoch-sql.ts';
import { snapshot } from '../operations/snapshot.ts';
import { GatheredRows, messageColumns } from './gathered-rows.ts';
import { loadView, rowOf, selectMailbox } from './view.ts';

/** What happened to a mailbox after `since`. Rows and tombstones are read in one snapshot. */
export async function loadChanges(
  access: RepositoryAccess<Connection>,
  { mailbox, since }: { readonly mailbox: MailboxId; readonly since: ModSeq },
  attempt: Attempt,
): Promise<MailboxChanges | null> {
  const delta = since === 0 ? 'whole' : await access.read((c) => readDelta(c, mailbox, since), attempt);
  if (delta !== 'whole') return delta;
  const view = await loadView(access, mailbox, attempt);
  return view === null ? null : { ...view, expunged: [], whole: true };
}

/** 'whole': only the whole mailbox says it. The index is named: by UID all messages of the mailbox would be looked through. */
async function readDelta(c: Connection, mailbox: MailboxId, since: ModSeq): Promise<MailboxChanges | 'whole' | null> {
  const gathered = new GatheredRows();
  const expunged: Uid[] = [];
  const values = [uuidOctets(mailbox), since];
  const [found = []] = await snapshot(c, [
    selectMailbox('changes-load', mailbox),
    {
      name: 'changes-messages',
      text: `SELECT ${messageColumns} FROM message FORCE INDEX (message_by_modseq)
        WHERE mailbox = ? AND modseq > ? ORDER BY uid`,
      values,
      take: (row) => gathered.add(row),
    },
    {
      name: 'changes-expunged',
      text: `SELECT uid FROM tombstone FORCE INDEX (tombstone_by_modseq)
        WHERE mailbox = ? AND modseq > ? ORDER BY uid`,
      values,
      take: ({ uid }) => void expunged.push(uid as Uid),
    },
  ]);
  if (found.length === 0) return null;
  const state: MailboxState | null = stateSince(rowOf(found[0]), since);
  return state === null ? 'whole' : { state, rows: gathered.end(), expunged, whole: false };
}

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
        text: `SELECT m.id, m.name, m.modseq + ${gapSince('m.epoch')} AS highestModSeq FROM mailbox m WHERE m.id IN (?)`,
        values: [mailboxes.map(uuidOctets)],
      }),
    attempt,
  );
  return new Map(found.map(({ id, ...newest }) => [id, newest]));
}
