import type { GrammarCursor } from './grammar-cursor.ts';
import { astring, mailbox, nstringOrLiteral8 } from './strings.ts';

/** `SP mailbox SP entry-values` (RFC 5464, 5). Nothing is told unasked here: there is no entry-list. */
export function metadata(cursor: GrammarCursor): void {
  cursor.space();
  // The server's own.
  if (!cursor.has('""')) mailbox(cursor);
  cursor.space();
  const entries = cursor.list(entryValue, { least: 1 });
  if (new Set(entries).size < entries.length) cursor.fail('each entry once');
}

function entryValue(cursor: GrammarCursor): string {
  const name = astring(cursor) ?? '';
  if (!/^\/(?:private|shared)\/[^*%]+$/i.test(name)) cursor.fail(`an entry, not ${JSON.stringify(name)},`);
  cursor.space();
  nstringOrLiteral8(cursor);
  return name.toLowerCase();
}
