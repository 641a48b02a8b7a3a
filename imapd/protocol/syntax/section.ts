import type { PartialRange, Section, SectionText } from '../section.ts';
import type { Cursor } from './cursor.ts';
import { nonZero } from './numbers.ts';
import { SyntaxFault } from './syntax-fault.ts';

const TEXTS = ['HEADER.FIELDS.NOT', 'HEADER.FIELDS', 'HEADER', 'TEXT', 'MIME'] as const;
const TEXT = /HEADER\.FIELDS\.NOT|HEADER\.FIELDS|HEADER|TEXT|MIME/iy;

/** `[section]` with its brackets. */
export function section(cursor: Cursor): Section {
  cursor.expect('[');
  const part: number[] = [];
  let text: SectionText | null = null;
  while (!cursor.skip(']')) {
    if (text !== null) cursor.fail('"]"');
    if (part.length > 0) cursor.expect('.');
    if (/\d/.test(cursor.next)) part.push(partNumber(cursor, part.length));
    else text = sectionText(cursor, part.length);
  }
  return { part, text };
}

/** `[1.2]` or `[]`: a part without any of HEADER, TEXT and MIME (RFC 3516, 7: section-binary). */
export function sectionPart(cursor: Cursor): readonly number[] {
  const { part, text } = section(cursor);
  if (text !== null) throw new SyntaxFault(`BINARY takes the number of a part, without ${text.kind}`);
  return part;
}

function partNumber(cursor: Cursor, depth: number): number {
  if (depth >= cursor.limits.partDepth) throw new SyntaxFault(`Part specifier deeper than ${cursor.limits.partDepth}`);
  return nonZero(cursor, 'a part number');
}

function sectionText(cursor: Cursor, depth: number): SectionText {
  const name = cursor.match(TEXT)?.[0].toUpperCase();
  const kind = TEXTS.find((text) => text === name) ?? cursor.fail('a part number, HEADER, HEADER.FIELDS, TEXT or MIME');
  if (kind === 'MIME' && depth === 0) cursor.fail('a part number before MIME');
  if (kind !== 'HEADER.FIELDS' && kind !== 'HEADER.FIELDS.NOT') return { kind };
  cursor.space();
  const fields = cursor.list(() => fieldName(cursor), { of: 'field names', most: cursor.limits.headerFields });
  if (fields.length === 0) cursor.fail('a field name');
  return { kind, fields };
}

/** No line of a message is longer (RFC 5322, 2.1.1), and the name of a field stands in one. */
const LONGEST_LINE = 998;

/** header-fld-name; what cannot be the name of a field (RFC 5322, 2.2) could not be repeated in the answer either. */
function fieldName(cursor: Cursor): string {
  const name = cursor.astring('a field name');
  if (!/^[\x21-\x39\x3b-\x7e]+$/.test(name)) throw new SyntaxFault('A field name is printable ASCII without a colon');
  if (name.length > LONGEST_LINE) throw new SyntaxFault(`A field name longer than ${LONGEST_LINE} octets`);
  return name;
}

/** `<offset.length>` behind a section; null where there is none. */
export function partialRange(cursor: Cursor): PartialRange | null {
  if (!cursor.skip('<')) return null;
  const offset = cursor.number('an offset');
  cursor.expect('.');
  const length = nonZero(cursor, 'a length above 0');
  cursor.expect('>');
  return { offset, length };
}

/** `[1.2.HEADER.FIELDS (Subject)]`, as an answer repeats it. */
export function sectionLabel(wanted: Section): string {
  const names = wanted.part.map(String);
  if (wanted.text !== null) names.push(wanted.text.kind);
  const fields =
    wanted.text !== null && 'fields' in wanted.text ? ` (${wanted.text.fields.map(quoteField).join(' ')})` : '';
  return `[${names.join('.')}${fields}]`;
}

const quoteField = (name: string): string =>
  /[(){%*"\\\]]|^nil$/i.test(name) ? `"${name.replace(/["\\]/g, '\\$&')}"` : name;
