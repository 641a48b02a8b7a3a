/** How mailbox names travel: as IMAP4rev1 has them (RFC 3501, 5.1.3), or as IMAP4rev2 and UTF8=ACCEPT (RFC 9051, 5.1; RFC 6855, 3). */
export type MailboxNames = 'modifiedUtf7' | 'utf8';

const CANONICAL_INBOX = /^INBOX(?=\/|$)/i;

/** Printable ASCII but `&`: stands for itself in modified UTF-7 (RFC 3501, 5.1.3). */
const isDirect = (code: number): boolean => code >= 0x20 && code <= 0x7e && code !== 0x26;

/** Modified UTF-7 of a mailbox name. */
export function encodeMailboxName(name: string): string {
  let encoded = '';
  let at = 0;
  while (at < name.length) {
    const from = at;
    const direct = isDirect(name.charCodeAt(at));
    while (at < name.length && isDirect(name.charCodeAt(at)) === direct) at++;
    const run = name.slice(from, at);
    encoded += direct ? run : encodeRun(run);
  }
  return encoded;
}

/** A run without direct characters. `&` alone is `&-`. */
function encodeRun(run: string): string {
  if (/^&+$/.test(run)) return '&-'.repeat(run.length);
  return run
    .split(/(&)/)
    .filter((piece) => piece !== '')
    .map((piece) => (piece === '&' ? '&-' : `&${toModifiedBase64(piece)}-`))
    .join('');
}

function toModifiedBase64(text: string): string {
  return Buffer.from(text, 'utf16le').swap16().toString('base64').replace(/=+$/, '').replaceAll('/', ',');
}

/**
 * The name that modified UTF-7 `encoded` stands for; null where it is not the one right encoding of any name: bytes
 * beyond printable ASCII, base64 of what needs none, padding bits, `&` without its `-`, two runs where one would do, half
 * a surrogate pair. One name has one spelling, or two clients would see two mailboxes under one name.
 */
export function decodeMailboxName(encoded: string): string | null {
  if (!/^[\x20-\x7e]*$/.test(encoded)) return null;
  const decoded = encoded.replace(/&([A-Za-z0-9+,]*)-/g, (_, base64: string) =>
    base64 === '' ? '&' : fromModifiedBase64(base64),
  );
  return decoded.isWellFormed() && encodeMailboxName(decoded) === encoded ? canonicalInbox(decoded) : null;
}

const fromModifiedBase64 = (base64: string): string => {
  const bytes = Buffer.from(base64.replaceAll(',', '/'), 'base64');
  return bytes
    .subarray(0, bytes.length & ~1)
    .swap16()
    .toString('utf16le');
};

/** `INBOX` is INBOX in any case (RFC 3501, 5.1), also as the parent of others. */
export const canonicalInbox = (name: string): string => name.replace(CANONICAL_INBOX, 'INBOX');
