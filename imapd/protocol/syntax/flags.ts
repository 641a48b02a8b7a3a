import type { Cursor } from './cursor.ts';
import { SyntaxFault } from './syntax-fault.ts';

const SYSTEM = ['\\Seen', '\\Answered', '\\Flagged', '\\Deleted', '\\Draft'];
const RECENT = '\\Recent';
const spelling = new Map(SYSTEM.map((flag) => [flag.toLowerCase(), flag]));

/** `(\Seen $Forwarded)`: each once, system flags in their usual spelling. */
export function flagList(cursor: Cursor): string[] {
  const flags = cursor.list(() => flag(cursor), { of: 'flags', most: cursor.limits.flags });
  return distinct(flags);
}

/**
 * As `flagList`, for APPEND: `\Recent` is passed over. It is the server's alone, but clients that copy a message hand
 * over the flags as FETCH gave them, and mean no harm.
 */
export function copiedFlags(cursor: Cursor): string[] {
  const flags = cursor.list(() => flag(cursor, RECENT), { of: 'flags', most: cursor.limits.flags });
  return distinct(flags).filter((name) => name !== RECENT);
}

/** flag *(SP flag) without parentheses, which STORE allows. */
export function bareFlags(cursor: Cursor): string[] {
  const flags = [flag(cursor)];
  while (flags.length < cursor.limits.flags && cursor.more()) flags.push(flag(cursor));
  return distinct(flags);
}

/** @param also a further name that may follow the backslash */
function flag(cursor: Cursor, also: typeof RECENT | null = null): string {
  if (!cursor.skip('\\')) return keyword(cursor);
  const name = `\\${cursor.atom('a flag')}`;
  const known = name.toLowerCase() === also?.toLowerCase() ? also : spelling.get(name.toLowerCase());
  // \Recent is the server's alone; other names behind a backslash are kept for the future (RFC 3501, 2.3.2).
  if (known === undefined) throw new SyntaxFault(`The flag ${name.slice(0, 40)} cannot be set by a client`);
  return known;
}

function keyword(cursor: Cursor): string {
  const name = cursor.atom('a flag or keyword');
  if (name.length > cursor.limits.keyword) {
    throw new SyntaxFault(`Keyword above the limit of ${cursor.limits.keyword} octets`, {
      status: 'NO',
      code: 'LIMIT',
    });
  }
  return name;
}

/** Keywords know no case either: `$junk` and `$Junk` are one. */
function distinct(flags: readonly string[]): string[] {
  const seen = new Set<string>();
  return flags.filter((name) => !seen.has(name.toLowerCase()) && seen.add(name.toLowerCase()));
}
