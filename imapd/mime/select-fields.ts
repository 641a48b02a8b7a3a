const [LF, CR, SPACE, TAB, COLON] = [0x0a, 0x0d, 0x20, 0x09, 0x3a];

/**
 * HEADER.FIELDS and HEADER.FIELDS.NOT (RFC 3501, 6.4.5) of a header: the lines of the fields that are (or are not)
 * named, in their order and byte for byte, and the blank line, if the header ends with one. Lines that are no fields belong to the
 * field before them; before the first field they are in none, so only NOT gives them.
 */
export function selectFields(header: Buffer, names: readonly string[], not: boolean): Buffer {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const pieces: Buffer[] = [];
  let selected = not;
  let from = 0;
  for (let at = 0; at < header.length; ) {
    const next = lineAfter(header, at);
    const blank = isBlank(header, at, next);
    const name = blank ? null : fieldName(header, at, next);
    const now = blank || (name === null ? selected : wanted.has(name) !== not);
    if (now !== selected) {
      if (selected) pieces.push(header.subarray(from, at));
      from = at;
      selected = now;
    }
    at = next;
  }
  if (selected) pieces.push(header.subarray(from));
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
}

function lineAfter(header: Buffer, at: number): number {
  const found = header.indexOf(LF, at);
  return found < 0 ? header.length : found + 1;
}

const isBlank = (header: Buffer, at: number, next: number): boolean =>
  header[at] === LF || (header[at] === CR && header[at + 1] === LF && next === at + 2);

/** Lower case; null for a folded line, and for one without a name. */
function fieldName(header: Buffer, at: number, next: number): string | null {
  if (header[at] === SPACE || header[at] === TAB) return null;
  for (let colon = at; colon < next; colon++) {
    if (header[colon] === COLON) return header.toString('latin1', at, colon).trimEnd().toLowerCase();
  }
  return null;
}
