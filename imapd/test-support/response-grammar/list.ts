import type { GrammarCursor } from './grammar-cursor.ts';
import { astring, atom, mailbox, quoted } from './strings.ts';

/** At most one of each group in a response (RFC 9051, 9: mbx-list-sflag, child-mbox-flag; RFC 5465, 8). */
const SELECTABILITY = ['\\NONEXISTENT', '\\NOACCESS', '\\NOSELECT', '\\MARKED', '\\UNMARKED'];
const CHILDREN = ['\\HASCHILDREN', '\\HASNOCHILDREN'];
const OTHERS = [
  ...['\\NOINFERIORS', '\\SUBSCRIBED', '\\REMOTE'],
  // RFC 6154; RFC 8457.
  ...['\\ALL', '\\ARCHIVE', '\\DRAFTS', '\\FLAGGED', '\\JUNK', '\\SENT', '\\TRASH', '\\IMPORTANT'],
];
const KNOWN = [...SELECTABILITY, ...CHILDREN, ...OTHERS];
/** RFC 5258, 3.5, and RFC 6154: what a child may have matched. */
const CHILDINFO = ['SUBSCRIBED', 'SPECIAL-USE'];

export type Listed = { readonly attributes: readonly string[]; readonly name: string; readonly oldName: string | null };

/** `mailbox-list`, of LIST or LSUB, whose responses have no extended data. */
export function mailboxList(cursor: GrammarCursor, command: 'LIST' | 'LSUB'): Listed {
  cursor.space();
  const attributes = cursor.list(attribute, { least: 0 }).map((name) => name.toUpperCase());
  checkTogether(cursor, attributes);
  cursor.space();
  if (!cursor.has('NIL') && quoted(cursor).length !== 1) cursor.fail('one character as separator');
  cursor.space();
  const name = mailbox(cursor);
  const extended = command === 'LIST' && cursor.has(' ') ? cursor.list(extendedItem, { least: 0 }) : [];
  const tags = extended.map((item) => item.tag);
  if (new Set(tags).size < tags.length) cursor.fail('each extended item once');
  return { attributes, name, oldName: extended.find((item) => item.tag === 'OLDNAME')?.value ?? null };
}

function attribute(cursor: GrammarCursor): string {
  cursor.expect('\\');
  const name = `\\${atom(cursor)}`;
  return KNOWN.includes(name.toUpperCase()) ? name : cursor.fail(`a known attribute, not ${name},`);
}

function checkTogether(cursor: GrammarCursor, attributes: readonly string[]): void {
  const among = (names: readonly string[]): number => attributes.filter((each) => names.includes(each)).length;
  if (new Set(attributes).size < attributes.length) cursor.fail('each attribute once');
  if (among(SELECTABILITY) > 1 || among(CHILDREN) > 1) cursor.fail('attributes that do not contradict each other');
}

function extendedItem(cursor: GrammarCursor): { readonly tag: string; readonly value: string | null } {
  const tag = (astring(cursor) ?? '').toUpperCase();
  cursor.space();
  if (tag === 'OLDNAME') {
    cursor.expect('(');
    const value = mailbox(cursor);
    cursor.expect(')');
    return { tag, value };
  }
  if (tag !== 'CHILDINFO') cursor.fail(`an extended item that is known, not ${tag},`);
  const options = cursor.list(quoted, { least: 1 });
  if (options.some((option) => !CHILDINFO.includes(option.toUpperCase()))) cursor.fail('known selection options');
  return { tag, value: null };
}
