import { envelope } from './envelope.ts';
import type { GrammarCursor } from './grammar-cursor.ts';
import { number, number64 } from './numbers.ts';
import { nstring, string } from './strings.ts';

/** `body` of BODYSTRUCTURE (`extended`) or BODY, to which no extension data belongs (RFC 9051, 9). */
export function bodyStructure(cursor: GrammarCursor, extended: boolean): void {
  cursor.expect('(');
  if (cursor.next === '(') multipart(cursor, extended);
  else singlePart(cursor, extended);
  cursor.expect(')');
}

function multipart(cursor: GrammarCursor, extended: boolean): void {
  do bodyStructure(cursor, extended);
  while (cursor.next === '(');
  cursor.space();
  string(cursor);
  if (!extended || !cursor.has(' ')) return;
  parameters(cursor);
  dispositionAndOn(cursor);
}

function singlePart(cursor: GrammarCursor, extended: boolean): void {
  // media-text and media-message are quoted: whoever sends those as literals is not understood.
  const isQuoted = cursor.next === '"';
  const type = (string(cursor) ?? '').toUpperCase();
  cursor.space();
  const subtype = (string(cursor) ?? '').toUpperCase();
  if ((type === 'TEXT' || type === 'MESSAGE') && !isQuoted) cursor.fail('a quoted media type');
  fields(cursor);
  if (type === 'TEXT') lines(cursor);
  if (type === 'MESSAGE' && (subtype === 'RFC822' || subtype === 'GLOBAL')) {
    cursor.space();
    envelope(cursor);
    cursor.space();
    bodyStructure(cursor, extended);
    lines(cursor);
  }
  if (!extended || !cursor.has(' ')) return;
  nstring(cursor);
  dispositionAndOn(cursor);
}

/** `SP body-fields` */
function fields(cursor: GrammarCursor): void {
  cursor.space();
  parameters(cursor);
  cursor.space();
  nstring(cursor);
  cursor.space();
  nstring(cursor);
  cursor.space();
  string(cursor);
  cursor.space();
  number(cursor);
}

function lines(cursor: GrammarCursor): void {
  cursor.space();
  number64(cursor);
}

function parameters(cursor: GrammarCursor): void {
  if (cursor.has('NIL')) return;
  cursor.list(
    (at) => {
      string(at);
      at.space();
      string(at);
    },
    { least: 1 },
  );
}

/** `[SP body-fld-dsp [SP body-fld-lang [SP body-fld-loc]]]`; further extensions are not defined, and must not be sent. */
function dispositionAndOn(cursor: GrammarCursor): void {
  if (!cursor.has(' ')) return;
  if (!cursor.has('NIL')) {
    cursor.expect('(');
    string(cursor);
    cursor.space();
    parameters(cursor);
    cursor.expect(')');
  }
  if (!cursor.has(' ')) return;
  if (cursor.next === '(') cursor.list(string, { least: 1 });
  else nstring(cursor);
  if (cursor.has(' ')) nstring(cursor);
}
