import type { CancelUpdate, Expunge, Store, Transfer } from '../command.ts';
import type { Cursor } from './cursor.ts';
import { bareFlags, flagList } from './flags.ts';
import { mailbox } from './mailbox.ts';
import { messageSet } from './numbers.ts';
import { SyntaxFault } from './syntax-fault.ts';

const FLAGS = /([+-]?)FLAGS(\.SILENT)? /iy;
/** More than a session can have searches that are kept up. */
const MOST_TAGS = 64;
const OPERATIONS = { '': 'replace', '+': 'add', '-': 'remove' } as const;

/** STORE set [(UNCHANGEDSINCE n)] [+-]FLAGS[.SILENT] flags: RFC 3501, 6.4.6; RFC 7162, 3.1.3. */
export function store(cursor: Cursor, uid: boolean): Store {
  cursor.space();
  const set = messageSet(cursor);
  cursor.space();
  const unchangedSince = cursor.next === '(' ? storeModifiers(cursor) : null;
  const [, sign, silent] = cursor.match(FLAGS) ?? cursor.fail('FLAGS, +FLAGS or -FLAGS, perhaps with .SILENT');
  const operation = OPERATIONS[sign as keyof typeof OPERATIONS];
  const flags = cursor.next === '(' ? flagList(cursor) : bareFlags(cursor);
  return { name: 'STORE', uid, set, unchangedSince, operation, silent: silent !== undefined, flags };
}

function storeModifiers(cursor: Cursor): number {
  cursor.expect('(');
  cursor.oneOf(['UNCHANGEDSINCE'], 'a STORE modifier');
  cursor.space();
  const since = cursor.modSequence();
  cursor.expect(')');
  cursor.space();
  return since;
}

/** COPY and MOVE set mailbox: RFC 3501, 6.4.7; RFC 6851. */
export function transfer(cursor: Cursor, target: { readonly name: Transfer['name']; readonly uid: boolean }): Transfer {
  cursor.space();
  const set = messageSet(cursor);
  cursor.space();
  return { ...target, set, mailbox: mailbox(cursor) };
}

/** EXPUNGE, or UID EXPUNGE set: RFC 3501, 6.4.3; RFC 4315, 2.1. */
export function expunge(cursor: Cursor, uid: boolean): Expunge {
  if (!uid) return { name: 'EXPUNGE', uids: null };
  cursor.space();
  return { name: 'EXPUNGE', uids: messageSet(cursor) };
}

/** CANCELUPDATE "tag" …: RFC 5267, 5. */
export function cancelUpdate(cursor: Cursor): CancelUpdate {
  const tags: string[] = [];
  do {
    cursor.space();
    tags.push(cursor.string('a tag in quotes'));
    if (tags.length > MOST_TAGS) throw new SyntaxFault(`More than ${MOST_TAGS} tags`);
  } while (cursor.next === ' ');
  return { name: 'CANCELUPDATE', tags };
}
