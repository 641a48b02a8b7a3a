import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import { type MailboxRow, stateSince } from '../../mailboxes/mailbox-row.ts';
import { MOST_EXPUNGES } from '../../messages/stored-expunge.ts';
import type { Expunges } from '../../store.ts';
import type { MailboxId, ModSeq } from '../../types.ts';
import { type Connection, firstRow } from '../connection.ts';
import { mailboxColumns } from '../mailboxes/mailbox-columns.ts';
import { readNumbers } from './packed-rows.ts';

type ExpungesRow = MailboxRow & { readonly expunged_count: number; readonly expunged: string | null };

/** What was expunged from a mailbox after `since`, for QRESYNC. One index scan of what is told, whatever else there is. */
export async function loadExpunges(
  access: RepositoryAccess<Connection>,
  { mailbox, since }: { readonly mailbox: MailboxId; readonly since: ModSeq },
  attempt: Attempt,
): Promise<Expunges | null> {
  if (since === 0) return null;
  const row = await access.read(
    (c) =>
      firstRow<ExpungesRow>(c, {
        name: 'expunges-load',
        text: expungesText,
        values: [mailbox, since, MOST_EXPUNGES + 1],
      }),
    attempt,
  );
  const state = row === null ? null : stateSince(row, since);
  if (row === null || state === null || row.expunged_count > MOST_EXPUNGES) return null;
  return { state, uids: readNumbers(row.expunged, new Uint32Array(row.expunged_count)) };
}

const expungesText = `
  SELECT ${mailboxColumns}, t.* FROM mail.mailbox m, LATERAL (
    SELECT count(*)::float8 AS expunged_count, array_agg(uid ORDER BY uid)::text AS expunged FROM (
      SELECT uid FROM mail.tombstone WHERE mailbox = $1 AND modseq > $2 LIMIT $3) gone
  ) t WHERE m.id = $1`;
