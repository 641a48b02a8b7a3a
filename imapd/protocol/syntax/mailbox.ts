import { isUtf8 } from 'node:buffer';
import { LIST_MAILBOX } from '../bytes.ts';
import { canonicalInbox, decodeMailboxName } from '../mailbox-name.ts';
import type { Cursor } from './cursor.ts';
import { SyntaxFault } from './syntax-fault.ts';

/** A mailbox name as Unicode. Empty and malformed names get NO: nothing is wrong with the command but the name. */
export function mailbox(cursor: Cursor): string {
  const name = decoded(cursor, (at) => at.astring('a mailbox name'));
  if (name === '') throw new SyntaxFault('A mailbox name is not empty', { status: 'NO', code: 'CANNOT' });
  return name;
}

/** The reference of LIST and LSUB: may be empty. */
export const reference = (cursor: Cursor): string => decoded(cursor, (at) => at.astring('a reference name'));

/** list-mailbox: a name with the wildcards `*` and `%`; may be empty. */
export function pattern(cursor: Cursor): string {
  const what = 'a mailbox pattern';
  return decoded(cursor, (at) => (at.isAtString ? at.string(what) : at.run(LIST_MAILBOX) || at.fail(what)));
}

function decoded(cursor: Cursor, read: (cursor: Cursor) => string): string {
  const quoted = cursor.next === '"';
  const encoded = read(cursor);
  // RFC 6855, 3: in quotes UTF-8 may be written before it is enabled, too; modified UTF-7 has no such octets.
  const utf8 = cursor.mailboxNames === 'utf8' || (quoted && /[\x80-\xff]/.test(encoded));
  const name = utf8 ? fromUtf8(encoded) : fromModifiedUtf7(encoded);
  if (hasControl(name))
    throw new SyntaxFault('A mailbox name holds no control characters', { status: 'NO', code: 'CANNOT' });
  if (Buffer.byteLength(name) > cursor.limits.mailboxName) {
    throw new SyntaxFault(`Mailbox name above the limit of ${cursor.limits.mailboxName} octets`, {
      status: 'NO',
      code: 'CANNOT',
    });
  }
  // Composed or not, it looks the same to a person: one name, one mailbox (RFC 5198, 2).
  const composed = name.normalize('NFC');
  if (composed !== name) cursor.suppliedNames.set(composed, name);
  return composed;
}

function fromModifiedUtf7(encoded: string): string {
  const name = decodeMailboxName(encoded);
  if (name === null)
    throw new SyntaxFault('Mailbox names are in modified UTF-7 (RFC 3501, 5.1.3)', { status: 'NO', code: 'CANNOT' });
  return name;
}

/** `octets` as latin1. */
function fromUtf8(octets: string): string {
  const bytes = Buffer.from(octets, 'latin1');
  if (!isUtf8(bytes))
    throw new SyntaxFault('Mailbox names are in UTF-8 (RFC 9051, 5.1; RFC 6855, 3)', { status: 'NO', code: 'CANNOT' });
  return canonicalInbox(bytes.toString('utf8'));
}

/** C0, DEL and C1: in no name a person can see (RFC 3501, 5.1; RFC 5198). */
const hasControl = (name: string): boolean => /\p{Cc}/u.test(name);
