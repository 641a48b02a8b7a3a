import type { GrammarCursor } from './grammar-cursor.ts';
import { modSequence, number, number64, nzNumber } from './numbers.ts';
import { mailbox, nstring, objectId, quoted, string } from './strings.ts';

const ITEM = /[A-Z-]+/iy;
/** RFC 2971, 3.3. */
const [MOST_FIELDS, LONGEST_NAME, LONGEST_VALUE] = [30, 30, 1024];

type ItemValue = (cursor: GrammarCursor) => number | string | null;

/** RFC 9051, 9; RFC 7162, 7 (0 where a mailbox has no mod-sequences); RFC 7889, 5; RFC 8438; RFC 8474, 4.2; RFC 9208, 7. */
const STATUS_ITEMS: ReadonlyMap<string, ItemValue> = new Map<string, ItemValue>([
  ['MESSAGES', number],
  ['RECENT', (cursor) => (cursor.dialect.rev2 ? cursor.fail('no RECENT in IMAP4rev2') : number(cursor))],
  ['UIDNEXT', nzNumber],
  ['UIDVALIDITY', nzNumber],
  ['UNSEEN', number],
  ['DELETED', number],
  ['SIZE', number64],
  ['DELETED-STORAGE', number64],
  ['HIGHESTMODSEQ', (cursor) => (cursor.has('0') ? 0 : modSequence(cursor))],
  ['APPENDLIMIT', (cursor) => (cursor.has('NIL') ? null : number(cursor))],
  ['MAILBOXID', (cursor) => cursor.list(objectId, { least: 1 }).join(' ')],
]);

export type Status = { readonly name: string; readonly items: ReadonlyMap<string, number | string | null> };

/** `SP mailbox SP "(" [status-att-list] ")"` */
export function status(cursor: GrammarCursor): Status {
  cursor.space();
  const name = mailbox(cursor);
  cursor.space();
  const items = cursor.list(statusItem, { least: 0 });
  if (new Map(items).size < items.length) cursor.fail('each status item once');
  return { name, items: new Map(items) };
}

function statusItem(cursor: GrammarCursor): [string, number | string | null] {
  const name = cursor.match(ITEM, 'status item').toUpperCase();
  const value = STATUS_ITEMS.get(name) ?? cursor.fail(`a known status item, not ${name},`);
  cursor.space();
  return [name, value(cursor)];
}

/** `SP namespace SP namespace SP namespace` (RFC 9051, 7.3.4) */
export function namespaces(cursor: GrammarCursor): void {
  for (let kind = 0; kind < 3; kind++) {
    cursor.space();
    if (cursor.has('NIL')) continue;
    cursor.expect('(');
    do namespace(cursor);
    while (!cursor.has(')'));
  }
}

function namespace(cursor: GrammarCursor): void {
  cursor.expect('(');
  string(cursor);
  cursor.space();
  if (!cursor.has('NIL') && quoted(cursor).length !== 1) cursor.fail('one character as separator');
  while (cursor.has(' ')) {
    string(cursor);
    cursor.space();
    cursor.list(string, { least: 1 });
  }
  cursor.expect(')');
}

/** `id-params-list` (RFC 2971, 4), within the bounds of its section 3.3. */
export function identification(cursor: GrammarCursor): void {
  cursor.space();
  if (cursor.has('NIL')) return;
  const fields = cursor.list(identificationField, { least: 0 });
  if (fields.length > MOST_FIELDS || new Set(fields).size < fields.length) cursor.fail('few fields, each once');
}

function identificationField(cursor: GrammarCursor): string {
  const name = string(cursor) ?? '';
  cursor.space();
  const value = nstring(cursor) ?? '';
  if (name.length > LONGEST_NAME || value.length > LONGEST_VALUE) cursor.fail('a shorter field of ID');
  return name.toLowerCase();
}
