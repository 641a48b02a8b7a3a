import type { LockedMailbox } from '../../mailboxes/locked-mailbox.ts';
import { type Connection, rows } from '../connection.ts';

/**
 * Every writer locks the row of each mailbox it touches before it looks at the messages, ascending by id: the next
 * statement's snapshot then holds everything that was committed to the mailbox, and two writers never wait for each other
 * in a circle.
 */
export function lockMailbox(tx: Connection, id: string): Promise<LockedMailbox[]> {
  return rows<LockedMailbox>(tx, {
    name: 'mailbox-lock',
    text: 'SELECT id, owner, name, keywords FROM mail.mailbox WHERE id = $1 FOR UPDATE',
    values: [id],
  });
}

/** The mailbox `from` and the one that a client calls `name`, which may be the same; either may be missing. */
export function lockPair(
  tx: Connection,
  { from, owner, to }: { readonly from: string; readonly owner: string; readonly to: string },
): Promise<LockedMailbox[]> {
  return rows<LockedMailbox>(tx, {
    name: 'mailbox-lock-pair',
    text: `SELECT id, owner, name, keywords FROM mail.mailbox
      WHERE id = $1 OR (owner = $2 AND name = $3) ORDER BY id FOR UPDATE`,
    values: [from, owner, to],
  });
}
