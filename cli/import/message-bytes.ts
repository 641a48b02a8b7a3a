const CR = 0x0d;
const LF = 0x0a;
const CRLF = Buffer.from('\r\n');

/** The same text with CRLF at the end of every line, as IMAP stores it. A lone CR stays what it is. */
export function withCrlf(text: Buffer): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (let end = text.indexOf(LF); end !== -1; end = text.indexOf(LF, from)) {
    if (end > 0 && text[end - 1] === CR) parts.push(text.subarray(from, end + 1));
    else parts.push(text.subarray(from, end), CRLF);
    from = end + 1;
  }
  return Buffer.concat([...parts, text.subarray(from)]);
}

/** Where the header ends: after its empty line, or at the end of the text. */
export function headerEnd(text: Buffer): number {
  let line = 0;
  while (line < text.length) {
    const end = text.indexOf(LF, line);
    if (end === -1) return text.length;
    const length = end - line;
    if (length === 0 || (length === 1 && text[line] === CR)) return end + 1;
    line = end + 1;
  }
  return text.length;
}

/** Whether the text begins with a header field: a name and a colon (RFC 5322, 2.2). */
export const beginsWithHeader = (text: Buffer): boolean =>
  /^[\x21-\x39\x3b-\x7e]+[ \t]*:/.test(text.subarray(0, 1_000).toString('latin1'));

/** Value of the first header field of that name, unfolded; null where there is none. */
export function headerField(text: Buffer, name: string): string | null {
  const header = text
    .subarray(0, headerEnd(text))
    .toString('latin1')
    .replace(/\r?\n[ \t]+/g, ' ');
  const match = new RegExp(`^${name}[ \\t]*:(.*)$`, 'im').exec(header);
  return match?.[1]?.trim() ?? null;
}

/** The `Date:` of a message, where it can be understood. */
export function dateField(text: Buffer): Date | null {
  const value = headerField(text, 'Date');
  const date = value === null ? Number.NaN : Date.parse(value.replace(/\([^)]*\)/g, ''));
  return Number.isNaN(date) ? null : new Date(date);
}
