import type { GrammarCursor } from './grammar-cursor.ts';
import { atom } from './strings.ts';

/** `*(SP capability)` behind CAPABILITY: the protocol itself is among them, and none is there twice. */
export function capabilities(cursor: GrammarCursor): string[] {
  const found: string[] = [];
  while (cursor.has(' ')) found.push(atom(cursor));
  if (!found.some((name) => /^IMAP4rev[12]$/i.test(name))) cursor.fail('IMAP4rev1 or IMAP4rev2 among the capabilities');
  if (new Set(found.map((name) => name.toUpperCase())).size < found.length) cursor.fail('each capability once');
  return found;
}
