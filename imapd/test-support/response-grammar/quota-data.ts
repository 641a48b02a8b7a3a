import type { GrammarCursor } from './grammar-cursor.ts';
import { number64 } from './numbers.ts';
import { astring, atom, mailbox } from './strings.ts';

/** RFC 9208, 5. */
const RESOURCES = ['STORAGE', 'MESSAGE', 'MAILBOX', 'ANNOTATION-STORAGE'];

/** `SP quota-root-name SP quota-list` (RFC 9208, 7) */
export function quota(cursor: GrammarCursor): void {
  cursor.space();
  astring(cursor);
  cursor.space();
  const resources = cursor.list(resource, { least: 0 });
  if (new Set(resources).size < resources.length) cursor.fail('each resource once');
}

function resource(cursor: GrammarCursor): string {
  const name = atom(cursor).toUpperCase();
  if (!RESOURCES.includes(name)) cursor.fail(`a registered resource, not ${name},`);
  cursor.space();
  number64(cursor);
  cursor.space();
  number64(cursor);
  return name;
}

/** `SP mailbox *(SP quota-root-name)` */
export function quotaRoots(cursor: GrammarCursor): void {
  cursor.space();
  mailbox(cursor);
  while (cursor.has(' ')) astring(cursor);
}
