import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import { stateSince } from '../../mailboxes/mailbox-row.ts';
import { MOST_EXPUNGES } from '../../messages/stored-expunge.ts';
import type { Expunges } from '../../store.ts';
import type { MailboxId, ModSeq } from '../../types.ts';
import type { Connection } from '../connection.ts';
import { snapshot } from '../operations/snapshot.ts';
import { rowOf, selectMailbox } from './view.ts';

/** What was expunged from a mailbox after `since`, for QRESYNC. One index scan of what is told, whatever else there is. */
export async function loadExpunges(
  access: RepositoryAccess<Connection>,
  { mailbox, since }: { readonly mailbox: MailboxId; readonly since: ModSeq },
  attempt: Attempt,
): Promise<Expunges | null> {
  if (since === 0) return null;
  return await access.read(async (c) => {
    const uids: number[] = [];
    const [found = []] = await snapshot(c, [
      selectMailbox('expunges-load', mailbox),
      {
        name: 'expunges-uids',
        text: `SELECT uid FROM tombstone FORCE INDEX (tombstone_by_modseq) WHERE mailbox = ? AND modseq > ? LIMIT ?`,
        values: [uuidOctets(mailbox), since, MOST_EXPUNGES + 1],
        take: ({ uid }) => void uids.push(uid as number),
      },
    ]);
    const state = found.length === 0 ? null : stateSince(rowOf(found[0]), since);
    if (state === null || uids.length > MOST_EXPUNGES) return null;
    return { state, uids: Uint32Array.from(uids).sort() };
  }, attempt);
}
