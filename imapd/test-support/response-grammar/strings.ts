import { isUtf8 } from 'node:buffer';
import type { GrammarCursor } from './grammar-cursor.ts';
import { isModifiedUtf7 } from './modified-utf7.ts';

/** The lexical productions of RFC 3501 and RFC 9051, 9. Strings are given back as latin1: a character is an octet. */

const ATOM = /[^\0-\x20\x7f-\uffff(){%*"\\\]]+/y;
const ASTRING_ATOM = /[^\0-\x20\x7f-\uffff(){%*"\\]+/y;
const TAG = /[^\0-\x20\x7f-\uffff(){%*"\\+]+/y;
const QUOTED = /"(?:[^"\\\r\n\0\u0100-\uffff]|\\["\\])*"/y;
const TEXT = /[^\r\n\0\u0100-\uffff]+/y;
const LITERAL_HEADER = /\{\d+\}\r\n/y;
const LITERAL8_HEADER = /~\{\d+\}\r\n/y;
const OBJECT_ID = /[A-Za-z0-9_-]{1,255}/y;
const DATE_TIME =
  /"(?: [1-9]|[12]\d|3[01])-(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)-\d{4} (?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60) [+-]\d{4}"/y;
/** Longer strings are sent as literals: clients bound their lines. */
const LONGEST_QUOTED = 1024;

export const atom = (cursor: GrammarCursor): string => cursor.match(ATOM, 'atom');
export const tag = (cursor: GrammarCursor): string => cursor.match(TAG, 'tag');
export const objectId = (cursor: GrammarCursor): string => cursor.match(OBJECT_ID, 'objectid (RFC 8474)');
export const dateTime = (cursor: GrammarCursor): string => cursor.match(DATE_TIME, 'date-time');

/** RFC 9051: non-ASCII text only after ENABLE IMAP4rev2. RFC 3501 wants at least one character. */
export function text(cursor: GrammarCursor): string {
  const found = cursor.match(TEXT, 'text');
  requireCharset(cursor, found, { what: 'text', utf8: cursor.dialect.rev2 });
  return found;
}

export function quoted(cursor: GrammarCursor): string {
  const found = cursor.match(QUOTED, 'quoted');
  const content = found.slice(1, -1).replace(/\\(["\\])/g, '$1');
  if (content.length > LONGEST_QUOTED) cursor.fail(`a literal for a string of ${content.length} octets`);
  requireCharset(cursor, content, { what: 'quoted', utf8: cursor.dialect.rev2 || cursor.dialect.utf8 });
  return content;
}

function requireCharset(cursor: GrammarCursor, octets: string, { what, utf8 }: { what: string; utf8: boolean }): void {
  if (!/[\x80-\xff]/.test(octets)) return;
  if (!utf8) cursor.fail(`7-bit ${what} before ENABLE IMAP4rev2, not ${JSON.stringify(octets)}`);
  if (!isUtf8(Buffer.from(octets, 'latin1'))) cursor.fail(`UTF-8 in ${what}, not ${JSON.stringify(octets)}`);
}

/** null: too large to have been kept. */
function literal(cursor: GrammarCursor): string | null {
  cursor.match(LITERAL_HEADER, 'literal');
  const { octets, hasNul } = cursor.literal();
  if (hasNul) cursor.fail('a literal without NUL');
  return octets;
}

export const string = (cursor: GrammarCursor): string | null =>
  cursor.next === '{' ? literal(cursor) : quoted(cursor);

export const nstring = (cursor: GrammarCursor): string | null => (cursor.has('NIL') ? null : string(cursor));

/** RFC 3516: whatever may hold NUL. */
export function nstringOrLiteral8(cursor: GrammarCursor): string | null {
  if (cursor.tryMatch(LITERAL8_HEADER) === null) return nstring(cursor);
  return cursor.literal().octets;
}

export const astring = (cursor: GrammarCursor): string | null =>
  cursor.next === '"' || cursor.next === '{' ? string(cursor) : cursor.match(ASTRING_ATOM, 'astring');

/** RFC 3501, 5.1.3: modified UTF-7; RFC 9051, 5.1, and RFC 6855, 3: UTF-8. */
export function mailbox(cursor: GrammarCursor): string {
  const name = astring(cursor) ?? cursor.fail('a mailbox name of bearable length');
  const utf8 = cursor.dialect.rev2 || cursor.dialect.utf8;
  const fits = utf8
    ? isUtf8(Buffer.from(name, 'latin1')) && !/\p{Cc}/u.test(Buffer.from(name, 'latin1').toString())
    : isModifiedUtf7(name);
  if (!fits) cursor.fail(`a mailbox name in ${utf8 ? 'UTF-8' : 'modified UTF-7'}, not ${JSON.stringify(name)}`);
  return name;
}
