import type { Append, AppendMessage } from '../command.ts';
import type { Cursor } from './cursor.ts';
import { dateTime } from './dates.ts';
import { copiedFlags } from './flags.ts';
import { mailbox } from './mailbox.ts';

/** APPEND mailbox [(flags)] ["date-time"] {size}: RFC 3501, 6.3.11. The command ends where its literal begins. */
export function append(cursor: Cursor): Append {
  cursor.space();
  const chosen = mailbox(cursor);
  cursor.space();
  return { name: 'APPEND', mailbox: chosen, message: appendMessage(cursor) };
}

/** SP [(flags) SP] ["date-time" SP] {size}: what precedes a further message of the same APPEND (RFC 3502). */
export function furtherMessage(cursor: Cursor): AppendMessage {
  cursor.space();
  return appendMessage(cursor);
}

/** What precedes a message. */
function appendMessage(cursor: Cursor): AppendMessage {
  const flags = cursor.next === '(' ? copiedFlags(cursor) : null;
  if (flags !== null) cursor.space();
  const internalDate = cursor.next === '"' ? dateTime(cursor) : null;
  if (internalDate !== null) cursor.space();
  return { flags: flags ?? [], internalDate, ...cursor.literalHeader('a message as a literal') };
}
