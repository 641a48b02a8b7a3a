/** Classes of octets in RFC 3501, section 9, as bits of one table. */
export const ATOM = 1;
/** `astring` without quotes: atoms and `]`. */
export const ASTRING = 2;
/** Unquoted `list-mailbox`: astring and the wildcards. */
export const LIST_MAILBOX = 4;
/** What a quoted string carries as it is, beside `"` and `\`, which are escaped: 7 bits, no NUL, CR, LF. */
export const QUOTABLE = 8;
export const DIGIT = 16;

export const byteClass: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => classesOf(byte));

function classesOf(byte: number): number {
  const character = String.fromCharCode(byte);
  if (byte === 0 || byte >= 0x80 || character === '\r' || character === '\n') return 0;
  if (byte <= 0x20 || byte === 0x7f) return QUOTABLE;
  const special = '(){%*"\\'.includes(character);
  let classes = QUOTABLE;
  if (!special && character !== ']') classes |= ATOM;
  if (!special) classes |= ASTRING;
  if (!'(){"\\'.includes(character)) classes |= LIST_MAILBOX;
  if (character >= '0' && character <= '9') classes |= DIGIT;
  return classes;
}

/** Is every byte of `bytes` in one of `classes`? True of no bytes. */
export function allIn(bytes: Buffer, classes: number): boolean {
  for (let i = 0; i < bytes.length; i++) if (((byteClass[bytes[i] ?? 0] ?? 0) & classes) === 0) return false;
  return true;
}
