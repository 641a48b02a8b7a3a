import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import type { MailboxState } from '../../mailbox-state.ts';
import { type MailboxRow, mailboxState } from '../../mailboxes/mailbox-row.ts';
import type { MailboxId, MessageRows } from '../../types.ts';
import type { Connection, Statement } from '../connection.ts';
import { type MailboxColumns, mailboxColumns, mailboxRow } from '../mailboxes/mailbox-columns.ts';
import { snapshot } from '../operations/snapshot.ts';
import { GatheredRows, messageColumns } from './gathered-rows.ts';

type Loaded = { readonly state: MailboxState; readonly rows: MessageRows };

/** Mailbox and messages of one snapshot. The messages go from the packets into their arrays, one by one. */
export async function loadView(
  access: RepositoryAccess<Connection>,
  mailbox: MailboxId,
  attempt: Attempt,
): Promise<Loaded | null> {
  return await access.read(async (c) => {
    let begun: { readonly state: MailboxState; readonly gathered: GatheredRows } | undefined;
    const box: Statement = {
      ...selectMailbox('view-load', mailbox),
      take(row) {
        const state = mailboxState(rowOf(row));
        // The counter of the same snapshot.
        begun = { state, gathered: new GatheredRows(state.messages) };
      },
    };
    const messages: Statement = {
      name: 'view-messages',
      text: `SELECT ${messageColumns} FROM message WHERE mailbox = ? ORDER BY uid`,
      values: [uuidOctets(mailbox)],
      take: (row) => begun?.gathered.add(row),
    };
    await snapshot(c, [box, messages]);
    return loaded(begun);
  }, attempt);
}

const loaded = (begun: { readonly state: MailboxState; readonly gathered: GatheredRows } | undefined): Loaded | null =>
  begun === undefined ? null : { state: begun.state, rows: begun.gathered.end() };

/** One row or none, for `rowOf`. */
export const selectMailbox = (name: string, mailbox: MailboxId): Statement => ({
  name,
  text: `SELECT ${mailboxColumns} FROM mailbox m WHERE m.id = ?`,
  values: [uuidOctets(mailbox)],
});

export const rowOf = (row: unknown): MailboxRow => mailboxRow(row as MailboxColumns);
