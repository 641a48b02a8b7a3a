import { CONTENT_FIELDS, type FieldBudget, HeaderCollector, MESSAGE_FIELDS } from './header-collector.ts';
import type { MimeLimits } from './limits.ts';
import type { Line } from './line-scanner.ts';
import { type Part, parameterOf } from './part.ts';
import { describeContent, OPAQUE, PLAIN_TEXT } from './part-content.ts';

const DASH = 0x2d;
/** RFC 2046, 5.1.1 allows 70; some programs do not count. */
const LONGEST_BOUNDARY = 256;

/** A part whose end has not been seen. */
interface OpenPart {
  readonly part: Part;
  /** null once the header has ended. */
  header: HeaderCollector | null;
  /** `--boundary` of a multipart; null: not one, or its last boundary has passed. */
  delimiter: string | null;
  /** Line ends in the stream before its body. */
  linesBefore: number;
  /** Inside multipart/digest, parts are messages unless they say otherwise (RFC 2046, 5.1.5). */
  readonly inDigest: boolean;
}

/**
 * Builds the tree of parts from the lines of a message, keeping what is open on a stack:
 *
 *     root (multipart/mixed) ─ part 2 (message/rfc822) ─ the message inside (multipart/alternative) ─ part 2.1
 *
 * A boundary line closes everything inside its multipart; a blank line ends the header of the innermost part.
 */
export class StructureBuilder {
  readonly #limits: MimeLimits;
  readonly #budget: FieldBudget;
  readonly #open: OpenPart[] = [];
  readonly #root: Part;
  #parts = 0;
  #lines = 0;
  /** End of the line before this one: where a part ends if this line is a boundary. */
  #previousEnd = 0;

  constructor(limits: MimeLimits) {
    this.#limits = limits;
    this.#budget = { left: limits.rememberedFields };
    this.#root = this.#begin(0, { fields: MESSAGE_FIELDS, inDigest: false });
  }

  /** Line ends so far. */
  get lines(): number {
    return this.#lines;
  }

  /** Octets of the message's own header; null while it goes on. */
  get headerEnd(): number | null {
    return this.#open[0]?.header === null ? this.#root.bodyAt : null;
  }

  line(line: Line): void {
    if (this.#isBeyondHeader(line)) this.#endHeader(line.start, this.#lines);
    if (!this.#boundary(line)) this.#content(line);
    if (line.next > line.end) this.#lines++;
    this.#previousEnd = line.end;
  }

  /** `size`: octets of the message. */
  end(size: number): Part {
    while (this.#open.length > 0) this.#close(size, 0);
    return this.#root;
  }

  #content(line: Line): void {
    const innermost = this.#open.at(-1);
    if (innermost === undefined || innermost.header === null) return;
    if (line.end > line.start) innermost.header.add(line);
    else if (line.next > line.end) this.#endHeader(line.next, this.#lines + 1);
  }

  /** In a message whose header is longer than any: from here it is text. */
  #isBeyondHeader(line: Line): boolean {
    return line.next > this.#limits.header && this.#open.length === 1 && this.#open[0]?.header !== null;
  }

  /** Acts on a line that is a boundary of an open multipart. Says whether it was. */
  #boundary(line: Line): boolean {
    const { bytes, from, to } = line;
    if (bytes[from] !== DASH || bytes[from + 1] !== DASH || to - from > LONGEST_BOUNDARY) return false;
    const text = bytes.toString('latin1', from, to).trimEnd();
    const level = this.#open.findLastIndex(({ delimiter }) => isDelimiter(text, delimiter));
    const multipart = this.#open[level];
    if (multipart === undefined) return false;
    const closes = text !== multipart.delimiter;
    if (!closes && this.#parts >= this.#limits.parts) return false;
    while (this.#open.length > level + 1) this.#close(this.#previousEnd, 1);
    if (closes) multipart.delimiter = null;
    else this.#beginChild(multipart, line.next);
    return true;
  }

  #beginChild({ part }: OpenPart, at: number): void {
    const inDigest = part.subtype.toLowerCase() === 'digest';
    part.parts.push(this.#begin(at, { fields: CONTENT_FIELDS, inDigest }));
  }

  #begin(headerAt: number, options: { readonly fields: ReadonlySet<string>; readonly inDigest: boolean }): Part {
    this.#parts++;
    const place = { headerAt, bodyAt: headerAt, endAt: headerAt, lines: 0 };
    const part: Part = { kind: 'leaf', ...place, ...PLAIN_TEXT, encoding: '7bit', fields: new Map(), parts: [] };
    const header = new HeaderCollector(options.fields, this.#budget);
    this.#open.push({ part, header, delimiter: null, linesBefore: this.#lines, inDigest: options.inDigest });
    return part;
  }

  /** The innermost header ends, and its part's body begins at `bodyAt`, before which lie `linesBefore` line ends. */
  #endHeader(bodyAt: number, linesBefore: number): void {
    const open = this.#open.at(-1);
    if (open === undefined) return;
    const { part } = open;
    describe(open);
    part.bodyAt = bodyAt;
    open.linesBefore = linesBefore;
    const type = part.type.toLowerCase();
    if (type === 'multipart') this.#openMultipart(open);
    else if (isMessage(part)) this.#openMessage(open);
  }

  #openMultipart(open: OpenPart): void {
    const boundary = parameterOf(open.part.parameters, 'boundary')?.trimEnd() ?? '';
    if (this.#open.length >= this.#limits.depth) Object.assign(open.part, OPAQUE);
    else if (boundary === '') Object.assign(open.part, PLAIN_TEXT);
    else {
      open.part.kind = 'multipart';
      open.delimiter = `--${boundary}`;
    }
  }

  #openMessage({ part, linesBefore }: OpenPart): void {
    if (this.#open.length >= this.#limits.depth || this.#parts >= this.#limits.parts) {
      Object.assign(part, OPAQUE);
      return;
    }
    part.kind = 'message';
    part.parts.push(this.#begin(part.bodyAt, { fields: MESSAGE_FIELDS, inDigest: false }));
    const inside = this.#open.at(-1);
    if (inside !== undefined) inside.linesBefore = linesBefore;
  }

  /** The innermost part ends at `at`; `lineEnds`: how many line ends before here are no longer its own. */
  #close(at: number, lineEnds: 0 | 1): void {
    const open = this.#open.pop();
    if (open === undefined) return;
    const { part } = open;
    if (open.header !== null) {
      describe(open);
      part.bodyAt = Math.max(at, part.headerAt);
      open.linesBefore = this.#lines;
    }
    // The line end before a boundary may be the blank line of what is inside, which then has it: nothing reaches further
    // than what it is in.
    part.endAt = Math.max(at, part.bodyAt, part.parts.at(-1)?.endAt ?? 0);
    part.lines = Math.max(0, this.#lines - open.linesBefore - lineEnds);
    // What calls itself composite and has nothing in it is shown as text: so nothing in it is out of reach.
    const isComposite = /^multipart$/i.test(part.type) || isMessage(part);
    if (isComposite && part.parts.length === 0) Object.assign(part, PLAIN_TEXT, { kind: 'leaf' });
  }
}

/** message/global is the same with UTF-8 in its header (RFC 6532, 3.7), and told the same (RFC 9051, 7.5.2). */
const isMessage = ({ type, subtype }: Part): boolean => /^message\/(?:rfc822|global)$/i.test(`${type}/${subtype}`);

/** Reads the header that has ended into its part. */
function describe(open: OpenPart): void {
  if (open.header === null) return;
  const fields = open.header.fields();
  Object.assign(open.part, describeContent(fields, open), { fields });
  open.header = null;
}

/**
 * Compared whole: RFC 2046, 5.1.1 would content itself with a prefix, but then a boundary `x` would also end parts at the
 * `x1` of a message quoted in a text.
 */
const isDelimiter = (line: string, delimiter: string | null): boolean =>
  delimiter !== null && line.startsWith(delimiter) && (line.length === delimiter.length || line === `${delimiter}--`);
