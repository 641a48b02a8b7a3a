import { isAscii } from 'node:buffer';
import iconv from 'iconv-lite';

/** Codecs of the library that turn octets into text but are no charsets of mail. */
const NO_CHARSETS = new Set(['base64', 'hex', 'binary', 'ucs2', 'internal']);

/**
 * The library's name for a charset as mail spells it; null for one that nobody here knows. Mail in the wild says `us-ascii` and
 * `iso-8859-1` and means windows-1252, their superset (as browsers read them).
 */
function codecOf(charset: string): string | null {
  const name = charset.trim().toLowerCase();
  if (!/^[a-z0-9][\w.:+()-]{0,63}$/.test(name) || NO_CHARSETS.has(name)) return null;
  if (/^(us-ascii|ascii|ansi_x3\.4-1968|iso[-_]?8859-1|latin-?1)$/.test(name)) return 'windows-1252';
  return iconv.encodingExists(name) ? name : null;
}

export const isKnownCharset = (charset: string): boolean => codecOf(charset) !== null;

/** Octets to Unicode; null for an unknown charset. What is malformed becomes U+FFFD, never an error. */
export function decodeCharset(octets: Buffer, charset: string): string | null {
  const codec = codecOf(charset);
  return codec === null ? null : iconv.decode(octets, codec);
}

/** Octets that arrive in pieces, to Unicode. */
export interface TextDecoder {
  write(octets: Buffer): string;
  end(): string;
}

/** One octet a character, the first 128 those of ASCII. */
const SINGLE_BYTE = /^(windows-125\d|iso-8859-\d+|koi8-[ru])$/;

/** A decoder for a stream; windows-1252 for an unknown charset, so that at least the ASCII in it is found. */
export function charsetDecoder(charset: string | null): TextDecoder {
  const codec = codecOf(charset ?? 'us-ascii') ?? 'windows-1252';
  const decoder = iconv.getDecoder(codec);
  const end = () => decoder.end() ?? '';
  if (!SINGLE_BYTE.test(codec)) return { write: (octets) => decoder.write(octets), end };
  // Nearly all of it is ASCII, for which the runtime is ten times as fast.
  return { write: (octets) => (isAscii(octets) ? octets.toString('latin1') : decoder.write(octets)), end };
}
