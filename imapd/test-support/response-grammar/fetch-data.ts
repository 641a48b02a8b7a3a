import { isUtf8 } from 'node:buffer';
import { bodyStructure } from './body-structure.ts';
import { envelope } from './envelope.ts';
import { flagList } from './flags.ts';
import type { GrammarCursor } from './grammar-cursor.ts';
import { modSequence, number, nzNumber } from './numbers.ts';
import { astring, dateTime, nstring, nstringOrLiteral8, objectId } from './strings.ts';

const NAME = /[A-Z0-9.]+/iy;
const SECTION_PART = /[1-9]\d*(?:\.[1-9]\d*)*/y;
const ORIGIN = /<\d+>/y;
/** RFC 8970, 3.1. */
const LONGEST_PREVIEW = 256;

export type FetchValue = number | string | readonly string[] | null;

/** `msg-att` (RFC 9051, 9), by name; content that is too large to be kept is null. */
export function messageAttributes(cursor: GrammarCursor): ReadonlyMap<string, FetchValue> {
  const items = cursor.list(attribute, { least: 1 });
  const found = new Map(items);
  if (found.size < items.length) cursor.fail('each item once');
  return found;
}

type Value = (cursor: GrammarCursor) => FetchValue;

const silent =
  (production: (cursor: GrammarCursor) => void): Value =>
  (cursor) => {
    production(cursor);
    return null;
  };
const ITEMS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['FLAGS', (cursor) => flagList(cursor, cursor.dialect.rev2 ? null : '\\RECENT')],
  ['UID', nzNumber],
  ['INTERNALDATE', dateTime],
  ['RFC822.SIZE', number],
  ['ENVELOPE', silent(envelope)],
  ['BODY', silent((cursor) => bodyStructure(cursor, false))],
  ['BODYSTRUCTURE', silent((cursor) => bodyStructure(cursor, true))],
  ['RFC822', nstring],
  ['RFC822.HEADER', nstring],
  ['RFC822.TEXT', nstring],
  ['MODSEQ', inParentheses(modSequence)],
  ['EMAILID', inParentheses(objectId)],
  ['THREADID', (cursor) => (cursor.has('NIL') ? null : inParentheses(objectId)(cursor))],
  ['SAVEDATE', (cursor) => (cursor.has('NIL') ? null : dateTime(cursor))],
  ['PREVIEW', preview],
]);

function attribute(cursor: GrammarCursor): [string, FetchValue] {
  const name = cursor.match(NAME, 'FETCH item').toUpperCase();
  if (cursor.next === '[') return sectionItem(cursor, name);
  const value = ITEMS.get(name) ?? cursor.fail(`a known FETCH item, not ${name},`);
  cursor.space();
  return [name, value(cursor)];
}

function inParentheses(production: (cursor: GrammarCursor) => number | string): Value {
  return (cursor) => {
    cursor.expect('(');
    const value = production(cursor);
    cursor.expect(')');
    return value;
  };
}

function sectionItem(cursor: GrammarCursor, name: string): [string, FetchValue] {
  cursor.expect('[');
  if (name === 'BODY') {
    const label = `BODY[${section(cursor)}]`;
    cursor.expect(']');
    const origin = cursor.tryMatch(ORIGIN) ?? '';
    cursor.space();
    return [`${label}${origin}`, nstring(cursor)];
  }
  if (name !== 'BINARY' && name !== 'BINARY.SIZE') cursor.fail('BODY, BINARY or BINARY.SIZE with a section');
  const part = cursor.tryMatch(SECTION_PART) ?? '';
  cursor.expect(']');
  const origin = name === 'BINARY' ? (cursor.tryMatch(ORIGIN) ?? '') : '';
  cursor.space();
  return [`${name}[${part}]${origin}`, name === 'BINARY' ? nstringOrLiteral8(cursor) : number(cursor)];
}

/** `[section-spec]`, as it is written. */
function section(cursor: GrammarCursor): string {
  const part = cursor.tryMatch(SECTION_PART) ?? '';
  if (part !== '' && !cursor.has('.')) return part;
  const prefix = part === '' ? '' : `${part}.`;
  if (part !== '' && cursor.has('MIME')) return `${prefix}MIME`;
  if (cursor.has('TEXT')) return `${prefix}TEXT`;
  if (part === '' && cursor.next === ']') return '';
  cursor.expect('HEADER');
  if (!cursor.has('.FIELDS')) return `${prefix}HEADER`;
  const not = cursor.has('.NOT') ? '.NOT' : '';
  cursor.space();
  return `${prefix}HEADER.FIELDS${not} (${cursor.list(astring, { least: 1 }).join(' ')})`;
}

/** RFC 8970, 3.1: UTF-8, of at most 256 characters, and no markup of lines. */
function preview(cursor: GrammarCursor): string | null {
  const octets = nstring(cursor);
  if (octets === null) return null;
  const bytes = Buffer.from(octets, 'latin1');
  if (!isUtf8(bytes)) cursor.fail('a preview in UTF-8');
  const text = bytes.toString();
  return [...text].length > LONGEST_PREVIEW ? cursor.fail('a shorter preview') : text;
}
