import type { GrammarCursor } from './grammar-cursor.ts';
import { nstring } from './strings.ts';

/** `envelope` (RFC 9051, 7.5.2): Sender and Reply-To are those of From where they are not given. */
export function envelope(cursor: GrammarCursor): void {
  cursor.expect('(');
  nstring(cursor);
  cursor.space();
  nstring(cursor);
  const [from, ...defaulted] = [addresses(cursor), addresses(cursor), addresses(cursor)];
  if (from && defaulted.includes(false)) cursor.fail('the sender in place of NIL');
  for (let list = 0; list < 3; list++) addresses(cursor);
  cursor.space();
  nstring(cursor);
  cursor.space();
  nstring(cursor);
  cursor.expect(')');
}

/** `SP ("(" 1*address ")" / nil)`; whether there are any. What begins a group must end it. */
function addresses(cursor: GrammarCursor): boolean {
  cursor.space();
  if (cursor.has('NIL')) return false;
  let inGroup = false;
  cursor.expect('(');
  do {
    const { mailbox, host } = address(cursor);
    const ends = host === null && mailbox === null;
    const begins = host === null && mailbox !== null;
    if ((begins && inGroup) || (ends && !inGroup)) cursor.fail('groups that end, and do not nest,');
    inGroup = begins || (inGroup && !ends);
  } while (!cursor.has(')'));
  if (inGroup) cursor.fail('the end of a group');
  return true;
}

function address(cursor: GrammarCursor): { readonly mailbox: string | null; readonly host: string | null } {
  cursor.expect('(');
  nstring(cursor);
  cursor.space();
  nstring(cursor);
  cursor.space();
  const mailbox = nstring(cursor);
  cursor.space();
  const host = nstring(cursor);
  cursor.expect(')');
  return { mailbox, host };
}
