const [LF, CR, SPACE, TAB, COLON, DELETE, UPPER_A, UPPER_Z] = [10, 13, 32, 9, 58, 127, 65, 90];
/** From an upper case letter to its lower case. */
const LOWER = 32;

/**
 * HEADER.FIELDS and HEADER.FIELDS.NOT (RFC 3501, 6.4.5) of a header: the lines of the fields that are (or are not)
 * named, in their order and byte for byte, and the blank line, if the header ends with one. Lines that are no fields belong to the
 * field before them; before the first field they are in none, so only NOT gives them.
 */
export function selectFields(header: Buffer, names: readonly string[], not: boolean): Buffer {
  const wanted = wantedNames(names);
  // To look for something in a short string is much cheaper than in a buffer.
  const text = header.toString('latin1');
  /** Where what is selected begins and ends, by turns. */
  const bounds: number[] = [];
  let selected = not;
  if (selected) bounds.push(0);
  for (let at = 0; at < header.length; ) {
    const next = lineAfter(text, at);
    const now = isBlank(text, at, next) || isSelected(text, { at, next, wanted, not }, selected);
    if (now !== selected) bounds.push(at);
    selected = now;
    at = next;
  }
  if (selected) bounds.push(header.length);
  return joined(header, bounds);
}

function joined(header: Buffer, bounds: readonly number[]): Buffer {
  if (bounds.length === 2) return header.subarray(bounds[0], bounds[1]);
  let length = 0;
  for (let i = 0; i < bounds.length; i += 2) length += (bounds[i + 1] ?? 0) - (bounds[i] ?? 0);
  const picked = Buffer.allocUnsafe(length);
  let at = 0;
  for (let i = 0; i < bounds.length; i += 2) at += header.copy(picked, at, bounds[i], bounds[i + 1]);
  return picked;
}

function lineAfter(text: string, at: number): number {
  const found = text.indexOf('\n', at);
  return found < 0 ? text.length : found + 1;
}

const isBlank = (text: string, at: number, next: number): boolean =>
  text.charCodeAt(at) === LF || (text.charCodeAt(at) === CR && next === at + 2 && text.charCodeAt(at + 1) === LF);

type Wanted = {
  readonly names: ReadonlySet<string>;
  /** Sums of their letters: a name with another sum is none of them, which is seen without making a string of it. */
  readonly sums: ReadonlySet<number>;
};
type Line = { readonly at: number; readonly next: number; readonly wanted: Wanted; readonly not: boolean };

/** Of a line that is not blank; `before`: is the line before it? */
function isSelected(text: string, { at, next, wanted, not }: Line, before: boolean): boolean {
  const first = text.charCodeAt(at);
  if (first === SPACE || first === TAB) return before;
  let sum = 0;
  let plain = true;
  for (let colon = at; colon < next; colon++) {
    const octet = text.charCodeAt(colon);
    if (octet === COLON) {
      return (
        (!plain || wanted.sums.has(sum) ? wanted.names.has(text.slice(at, colon).trimEnd().toLowerCase()) : false) !==
        not
      );
    }
    plain &&= octet > SPACE && octet < DELETE;
    sum += octet >= UPPER_A && octet <= UPPER_Z ? octet + LOWER : octet;
  }
  return before;
}

/** By the list of a command, which is the same for each of its messages. */
const KNOWN = new WeakMap<readonly string[], Wanted>();

function wantedNames(names: readonly string[]): Wanted {
  const known = KNOWN.get(names);
  if (known !== undefined) return known;
  const lower = names.map((name) => name.toLowerCase());
  const sums = lower.map((name) => Buffer.from(name, 'latin1').reduce((sum, octet) => sum + octet, 0));
  const wanted = { names: new Set(lower), sums: new Set(sums) };
  KNOWN.set(names, wanted);
  return wanted;
}
