import { decodeCharset, isKnownCharset } from '../../../mime/text/charset.ts';
import type { Cursor } from '../cursor.ts';

/** Octets (as latin1) of a search string to Unicode. */
export type CharsetDecoder = (octets: string) => string;

/** `name `: what CHARSET of SEARCH is followed by. */
export function charsetName(cursor: Cursor): string {
  const name = cursor.astring('a charset');
  cursor.space();
  return name;
}

/**
 * How strings of a search are read; null for a charset that nobody here knows. Without one strings are US-ASCII, and UTF-8
 * where they are not (RFC 3501, 6.4.4).
 */
export function searchCharset(cursor: Cursor, name: string | null): CharsetDecoder | null {
  if (name === null || /^(utf-?8|us-ascii)$/i.test(name)) {
    return (octets) => cursor.unicode(octets, 'a string to search for');
  }
  if (!isKnownCharset(name)) return null;
  return (octets) => decodeCharset(Buffer.from(octets, 'latin1'), name) ?? octets;
}
