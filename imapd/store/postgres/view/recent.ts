import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import type { MailboxId, OperationId, Uid } from '../../types.ts';
import { type Connection, firstRow } from '../connection.ts';

type Mark = { readonly recent_from: Uid; readonly uid_next: Uid };

/**
 * Claims \Recent for one session (RFC 3501 2.3.2). A SELECT where nothing is recent, the common one, writes nothing.
 * A mailbox that is gone has nothing recent either.
 */
export async function claimRecent(
  access: RepositoryAccess<Connection>,
  { mailbox, operation }: { readonly mailbox: MailboxId; readonly operation: OperationId },
  attempt: Attempt,
): Promise<Uid> {
  const mark = await access.read(
    (c) =>
      firstRow<Mark>(c, {
        name: 'recent-read',
        text: 'SELECT recent_from::float8, uid_next::float8 FROM mail.mailbox WHERE id = $1',
        values: [mailbox],
      }),
    attempt,
  );
  if (mark === null || mark.recent_from >= mark.uid_next) return mark?.uid_next ?? (1 as Uid);
  return await access.mutate(operation, (tx) => claim(tx, mailbox), attempt);
}

async function claim(tx: Connection, mailbox: MailboxId): Promise<Uid> {
  const claimed = await firstRow<Mark>(tx, {
    name: 'recent-claim',
    text: `UPDATE mail.mailbox m SET recent_from = old.uid_next
      FROM (SELECT id, recent_from, uid_next FROM mail.mailbox WHERE id = $1 FOR UPDATE) old
      WHERE m.id = old.id RETURNING old.recent_from::float8, old.uid_next::float8`,
    values: [mailbox],
  });
  return claimed?.recent_from ?? (1 as Uid);
}
