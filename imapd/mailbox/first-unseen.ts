import { systemFlags } from '../store/types.ts';
import type { MailboxCursor } from './mailbox-cursor.ts';

/** Message number of the first message without \Seen, 0 where all are seen (RFC 3501, 7.1: UNSEEN). */
export function firstUnseen(cursor: MailboxCursor): number {
  const { table } = cursor.view;
  for (let index = 0; index < table.count; index++) {
    if ((table.flagsAt(index) & systemFlags['\\Seen']) !== 0) continue;
    const sequence = cursor.sequenceOf(table.uidAt(index));
    if (sequence > 0) return sequence;
  }
  return 0;
}
