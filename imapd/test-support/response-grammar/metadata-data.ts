import type { GrammarCursor } from './grammar-cursor.ts';
import { astring, mailbox, nstringOrLiteral8 } from './strings.ts';

/** `SP mailbox SP (entry-values / entry-list)` (RFC 5464, 5): without values what is told unasked. */
export function metadata(cursor: GrammarCursor): void {
  cursor.space();
  // The server's own.
  if (!cursor.has('""')) mailbox(cursor);
  cursor.space();
  const entries = cursor.next === '(' ? cursor.list(entryValue, { least: 1 }) : entryList(cursor);
  if (new Set(entries).size < entries.length) cursor.fail('each entry once');
}

function entryList(cursor: GrammarCursor): string[] {
  const entries = [entry(cursor)];
  while (cursor.has(' ')) entries.push(entry(cursor));
  return entries;
}

function entry(cursor: GrammarCursor): string {
  const name = astring(cursor) ?? '';
  if (!/^\/(?:private|shared)\/[^*%]+$/i.test(name)) cursor.fail(`an entry, not ${JSON.stringify(name)},`);
  return name.toLowerCase();
}

function entryValue(cursor: GrammarCursor): string {
  const name = entry(cursor);
  cursor.space();
  nstringOrLiteral8(cursor);
  return name;
}
