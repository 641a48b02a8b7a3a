import type { Attempt, RepositoryAccess } from '../../routing/repository-access.ts';
import type { MailboxState } from '../mailbox-state.ts';
import type { MailboxId, MessageRows } from '../types.ts';
import { type Connection, firstRow } from './connection.ts';
import { type MailboxRow, mailboxColumns, mailboxState } from './mailbox-row.ts';
import { type PackedRows, packedColumns, unpackRows } from './packed-rows.ts';

/** Mailbox and messages by one statement, hence one snapshot. */
export async function loadView(
  access: RepositoryAccess<Connection>,
  mailbox: MailboxId,
  attempt: Attempt,
): Promise<{ readonly state: MailboxState; readonly rows: MessageRows } | null> {
  return await access.read(async (c) => {
    const row = await firstRow<MailboxRow & PackedRows>(c, {
      name: 'view-load',
      text: `SELECT ${mailboxColumns}, p.* FROM mail.mailbox m, LATERAL (
          SELECT ${packedColumns} FROM (
            SELECT uid, flags, keywords, modseq FROM mail.message WHERE mailbox = $1 ORDER BY uid) ordered
        ) p WHERE m.id = $1`,
      values: [mailbox],
    });
    return row === null ? null : { state: mailboxState(row), rows: unpackRows(row) };
  }, attempt);
}
