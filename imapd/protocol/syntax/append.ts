import type { Append, AppendMessage, Replace } from '../command.ts';
import type { Cursor } from './cursor.ts';
import { dateTime } from './dates.ts';
import { copiedFlags } from './flags.ts';
import { mailbox } from './mailbox.ts';
import { oneMessage } from './numbers.ts';

/** APPEND mailbox [(flags)] ["date-time"] {size}: RFC 3501, 6.3.11. The command ends where its literal begins. */
export function append(cursor: Cursor): Append {
  cursor.space();
  const chosen = mailbox(cursor);
  cursor.space();
  return { name: 'APPEND', mailbox: chosen, message: appendMessage(cursor) };
}

/** REPLACE number mailbox [(flags)] ["date-time"] {size}: RFC 8508, 3.2. */
export function replace(cursor: Cursor, uid: boolean): Replace {
  cursor.space();
  const set = oneMessage(cursor);
  cursor.space();
  const chosen = mailbox(cursor);
  cursor.space();
  return { name: 'REPLACE', uid, set, mailbox: chosen, message: appendMessage(cursor) };
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
