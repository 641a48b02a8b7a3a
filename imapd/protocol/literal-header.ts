/** `{size}` or, non-synchronising, `{size+}` (RFC 7888) at the end of a line. */
export interface LiteralHeader {
  /** `Infinity` for a number that no integer holds. */
  readonly size: number;
  readonly synchronizing: boolean;
}

/** Bytes from the end of a line that suffice to recognise a literal header. */
export const LITERAL_HEADER_TAIL = 32;

const [PLUS, ZERO, NINE, OPEN, CLOSE] = [0x2b, 0x30, 0x39, 0x7b, 0x7d];

/**
 * Whether a line (without its line end) announces a literal. Nothing else is asked of the line: were quotes considered,
 * a client and this server could disagree about where a literal begins, and message text be taken for commands.
 */
export function literalHeaderAt(line: Buffer): LiteralHeader | null {
  let at = line.length - 1;
  if (line[at] !== CLOSE) return null;
  at--;
  const synchronizing = line[at] !== PLUS;
  if (!synchronizing) at--;
  const end = at + 1;
  while (at >= 0 && isDigit(line[at])) at--;
  if (at + 1 === end) return null;
  const digits = line.toString('latin1', at + 1, end);
  if (at >= 0 && line[at] !== OPEN) return null;
  // Digits back to the beginning of the line, or of the tail that is kept of it, are a number nobody means well with.
  if (at < 0 && line.length < LITERAL_HEADER_TAIL) return null;
  const size = at < 0 ? Number.POSITIVE_INFINITY : Number(digits);
  return { size: Number.isSafeInteger(size) ? size : Number.POSITIVE_INFINITY, synchronizing };
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= ZERO && byte <= NINE;
