/** An escape, or a soft line break with the blanks that transport may have put before it. */
const ESCAPE = /=(?:([0-9A-F]{2})|[ \t]{0,80}\r?\n)/gi;
/** Octets of an escape that the end of a chunk may cut: `=`, blanks, CR. */
const LONGEST_CUT = 82;

/** Quoted-printable (RFC 2045, 6.7) of a short text. */
export const decodeQuotedPrintable = (latin1: string): Buffer =>
  Buffer.from(
    latin1.replace(ESCAPE, (_, hex?: string) =>
      hex === undefined ? '' : String.fromCharCode(Number.parseInt(hex, 16)),
    ),
    'latin1',
  );

/**
 * Quoted-printable that arrives in chunks. What is no valid escape is passed on as it is, so text that was never encoded
 * survives.
 */
export class QuotedPrintableDecoder {
  #held = '';

  write(chunk: Buffer): Buffer {
    const text = this.#held + chunk.toString('latin1');
    const last = text.lastIndexOf('=');
    const cut = last >= 0 && text.length - last <= LONGEST_CUT ? last : text.length;
    this.#held = text.slice(cut);
    return decodeQuotedPrintable(text.slice(0, cut));
  }

  end(): Buffer {
    const rest = decodeQuotedPrintable(this.#held);
    this.#held = '';
    return rest;
  }
}
