import type { GrammarCursor } from './grammar-cursor.ts';
import { astring, mailbox } from './strings.ts';

/** `SP mailbox *(SP identifier SP rights)` (RFC 4314, 7) */
export function aclData(cursor: GrammarCursor): void {
  cursor.space();
  mailbox(cursor);
  const identifiers: (string | null)[] = [];
  while (cursor.has(' ')) {
    identifiers.push(astring(cursor));
    rights(cursor);
  }
  if (new Set(identifiers).size < identifiers.length) cursor.fail('each identifier once');
}

/** `SP mailbox SP identifier SP rights *(SP rights)`; each right at most once (3.7). */
export function listRightsData(cursor: GrammarCursor): void {
  cursor.space();
  mailbox(cursor);
  cursor.space();
  astring(cursor);
  let told = rights(cursor);
  while (cursor.next === ' ') told += rights(cursor);
  requireOnce(cursor, told);
}

/** `SP mailbox SP rights` */
export function myRightsData(cursor: GrammarCursor): void {
  cursor.space();
  mailbox(cursor);
  rights(cursor);
}

/** Small letters and digits; `c` and `d` where a member of them is told (2.1.1). */
function rights(cursor: GrammarCursor): string {
  cursor.space();
  const told = astring(cursor) ?? '';
  if (!/^[a-z0-9]*$/.test(told)) cursor.fail(`rights, not ${JSON.stringify(told)},`);
  requireOnce(cursor, told);
  return told;
}

function requireOnce(cursor: GrammarCursor, told: string): void {
  if (new Set(told).size < told.length) cursor.fail('each right once');
}
