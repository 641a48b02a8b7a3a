import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import type { MailboxId, OperationId, Uid } from '../../types.ts';
import { batch, type Connection, firstRow } from '../connection.ts';

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
        text: 'SELECT recent_from, uid_next FROM mailbox WHERE id = ?',
        values: [uuidOctets(mailbox)],
        prepared: true,
      }),
    attempt,
  );
  if (mark === null || mark.recent_from >= mark.uid_next) return mark?.uid_next ?? (1 as Uid);
  return await access.mutate(operation, (tx) => claim(tx, mailbox), attempt);
}

async function claim(tx: Connection, mailbox: MailboxId): Promise<Uid> {
  const values = [uuidOctets(mailbox)];
  const [found] = await batch(tx, [
    {
      name: 'recent-lock',
      text: 'SELECT recent_from, uid_next FROM mailbox WHERE id = ? FOR UPDATE',
      values,
    },
    // No number that depends on the epoch is written: a jump that is not yet real stays so.
    { name: 'recent-claim', text: 'UPDATE mailbox SET recent_from = uid_next WHERE id = ?', values },
  ]);
  const [claimed] = (found ?? []) as Mark[];
  return claimed?.recent_from ?? (1 as Uid);
}
