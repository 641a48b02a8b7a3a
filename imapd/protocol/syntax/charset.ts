import { decodeCharset, isKnownCharset } from '../../mime/charset.ts';
import type { Cursor } from './cursor.ts';
import { SyntaxFault } from './syntax-fault.ts';

/** Octets (as latin1) of a search string to Unicode. */
export type CharsetDecoder = (octets: string) => string;

/** `CHARSET name ` of SEARCH, or none: then strings are US-ASCII, and UTF-8 where they are not (RFC 3501, 6.4.4). */
export function searchCharset(cursor: Cursor): CharsetDecoder {
  const utf8: CharsetDecoder = (octets) => cursor.unicode(octets, 'a string to search for');
  if (cursor.match(/CHARSET /iy) === null) return utf8;
  const name = cursor.astring('a charset');
  cursor.space();
  if (/^(utf-?8|us-ascii)$/i.test(name)) return utf8;
  if (!isKnownCharset(name)) {
    throw new SyntaxFault('Unknown charset', { status: 'NO', code: 'BADCHARSET (US-ASCII UTF-8)' });
  }
  return (octets) => decodeCharset(Buffer.from(octets, 'latin1'), name) ?? octets;
}
