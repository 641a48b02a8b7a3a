import type { Only } from '../../store.ts';
import { type Connection, rows } from '../connection.ts';

export type LockedMailbox = {
  readonly id: string;
  readonly owner: string;
  readonly name: string;
  readonly keywords: readonly string[];
};

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

/** Is this not the mailbox that rights were asked for, though it has its name? */
export const isAnother = ({ id }: LockedMailbox, { only }: Only): boolean => only !== undefined && id !== only;

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
