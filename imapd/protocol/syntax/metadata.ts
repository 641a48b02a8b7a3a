import type { GetMetadata, SetMetadata } from '../command.ts';
import type { Cursor } from './cursor.ts';
import { mailbox } from './mailbox.ts';

const OPTIONS = ['MAXSIZE', 'DEPTH'] as const;
const DEPTHS = { '0': 0, '1': 1, INFINITY: 'infinity' } as const;
/** Octets of an entry's name. */
const LONGEST_ENTRY = 255;

/**
 * GETMETADATA [options] mailbox [options] entries: RFC 5464, 4.2. Its grammar has the options before the mailbox, its examples
 * behind it; clients do both.
 */
export function getMetadata(cursor: Cursor): GetMetadata {
  cursor.space();
  const before = cursor.next === '(' ? options(cursor) : null;
  if (before !== null) cursor.space();
  const chosen = annotated(cursor);
  cursor.space();
  const behind = before === null && cursor.match(/(?=\((?:MAXSIZE|DEPTH) )/iy) !== null ? options(cursor) : null;
  if (behind !== null) cursor.space();
  const { maxSize = null, depth = 0 } = before ?? behind ?? {};
  const entries = cursor.next === '(' ? entryList(cursor) : [entry(cursor)];
  return { name: 'GETMETADATA', mailbox: chosen, entries: [...new Set(entries)], maxSize, depth };
}

/** SETMETADATA mailbox (entry value …): RFC 5464, 4.3. Of an entry that is named twice the last value holds. */
export function setMetadata(cursor: Cursor): SetMetadata {
  cursor.space();
  const chosen = annotated(cursor);
  cursor.space();
  const pair = (): readonly [string, Buffer | null] => {
    const name = entry(cursor);
    if (!/^\/(private|shared)\/./.test(name)) cursor.fail('an entry below /private or /shared');
    cursor.space();
    return [name, value(cursor)];
  };
  const pairs = cursor.list(pair, { of: 'entries', most: cursor.limits.metadataEntries });
  if (pairs.length === 0) cursor.fail('an entry');
  return { name: 'SETMETADATA', mailbox: chosen, values: [...new Map(pairs)] };
}

/** `(entry entry …)`, also in LIST RETURN (METADATA …), RFC 9590. */
export function entryList(cursor: Cursor): string[] {
  const entries = cursor.list(() => entry(cursor), { of: 'entries', most: cursor.limits.metadataEntries });
  return entries.length > 0 ? entries : cursor.fail('an entry');
}

/** An empty name is the server's (RFC 5464, 4.1). */
function annotated(cursor: Cursor): string | null {
  if (cursor.match(/""(?= )/y) !== null) return null;
  return mailbox(cursor);
}

type Options = { maxSize?: number; depth?: GetMetadata['depth'] };

function options(cursor: Cursor): Options {
  const option = (): Options => {
    const name = cursor.oneOf(OPTIONS, 'a GETMETADATA option');
    cursor.space();
    if (name === 'MAXSIZE') return { maxSize: cursor.number('a number of octets') };
    const depth = cursor.oneOf(['0', '1', 'INFINITY'], 'a depth');
    return { depth: DEPTHS[depth] };
  };
  return Object.assign({}, ...cursor.list(option, { of: 'options', most: 8 })) as Options;
}

/** In small letters: entries are equal whatever their case (RFC 5464, 3.2). */
function entry(cursor: Cursor): string {
  const name = cursor.astring('an entry').toLowerCase();
  const wellFormed = /^\/(private|shared)(\/[!-)+-.0-~]+)*$/.test(name) && !name.includes('%');
  if (!wellFormed || name.length > LONGEST_ENTRY) cursor.fail('an entry below /private or /shared before this');
  return name;
}

/** nstring or literal8. */
function value(cursor: Cursor): Buffer | null {
  const octets = cursor.isAtString ? cursor.octets('a value') : cursor.nstring('a value');
  return octets === null ? null : Buffer.from(octets, 'latin1');
}
