import type { ModSeq } from '../../store/types.ts';
import type { MailboxCursor, MessageSelection } from '../mailbox-cursor.ts';

/** Those of some messages of a session that are new or have changed after a mod-sequence (RFC 7162, 3.1.4.1). */
export function changedMessages({ view }: MailboxCursor, named: MessageSelection, since: ModSeq): MessageSelection {
  const { table } = view;
  let index = -1;
  const newer = Array.from(named.uids, (uid) => {
    index = table.indexOf(uid, index + 1);
    return table.modSeqAt(index) > since;
  });
  const isNewer = (_: number, position: number): boolean => newer[position] === true;
  return { uids: named.uids.filter(isNewer), sequences: named.sequences.filter(isNewer) };
}
