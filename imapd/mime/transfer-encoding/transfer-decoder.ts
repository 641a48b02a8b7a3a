import { Base64Decoder } from './base64-decoder.ts';
import { QuotedPrintableDecoder } from './quoted-printable.ts';

/** A content transfer encoding (RFC 2045, 6) undone chunk by chunk, in bounded memory. */
export interface TransferDecoder {
  write(chunk: Buffer): Buffer;
  end(): Buffer;
}

const NOTHING = Buffer.alloc(0);
/** Of octets that are what they are. */
export const identity: TransferDecoder = { write: (chunk) => chunk, end: () => NOTHING };

/** Encodings that are none. */
const IDENTITIES: ReadonlySet<string> = new Set(['7bit', '8bit', 'binary']);

export const isKnownEncoding = (encoding: string): boolean =>
  encoding === 'base64' || encoding === 'quoted-printable' || IDENTITIES.has(encoding);

/** @param encoding in lower case; one that nobody here knows is taken for none */
export function transferDecoder(encoding: string): TransferDecoder {
  if (encoding === 'base64') return new Base64Decoder();
  return encoding === 'quoted-printable' ? new QuotedPrintableDecoder() : identity;
}
