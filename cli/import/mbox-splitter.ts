import { fromLineDate } from './from-line.ts';

/** One entry of an mbox as it stands in the file, without its `From ` line; or text that belongs to none. */
export type MboxEntry = {
  /** Offset of the `From ` line, or of the text, in the file. */
  readonly offset: number;
  /** The `From ` line; null for text before the first one. */
  readonly fromLine: string | null;
  /** null where the entry is larger than allowed: it was passed over without being kept. */
  readonly content: Buffer | null;
  /** Bytes of the file that the entry takes, `From ` line included. */
  readonly length: number;
};

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const FROM = Buffer.from('From ');
/** A `From ` line is short; a longer line is text, wherever it stands. */
const LONGEST_FROM_LINE = 1_000;

/**
 * Cuts an mbox file into its entries while it streams by. An entry begins at a line `From SENDER DATE` at the start of
 * the file or after an empty line; anything else that begins with `From ` is text, since many programs forget to quote
 * it. Memory is bounded by one entry of at most `limit` bytes.
 */
export class MboxSplitter {
  readonly #limit: number;
  #line: Buffer[] = [];
  #lineLength = 0;
  #afterBlank = true;
  #start = 0;
  #position = 0;
  #fromLine: string | null = null;
  #content: Buffer[] | null = [];
  #contentLength = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Entries that are complete with this chunk. */
  *push(chunk: Buffer): Generator<MboxEntry> {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      yield* this.#takeLine(chunk.subarray(from, end + 1));
      from = end + 1;
    }
    if (from < chunk.length) this.#keepPart(chunk.subarray(from));
  }

  /** What is left at the end of the file. */
  *end(): Generator<MboxEntry> {
    if (this.#lineLength > 0) yield* this.#takeLine(Buffer.alloc(0));
    yield* this.#finish();
  }

  #keepPart(part: Buffer): void {
    // A line that is over the limit cannot be part of an entry that is kept.
    if (this.#lineLength <= this.#limit) this.#line.push(Buffer.from(part));
    this.#lineLength += part.length;
  }

  *#takeLine(rest: Buffer): Generator<MboxEntry> {
    const line = this.#lineLength === 0 ? rest : Buffer.concat([...this.#line, rest]);
    const length = this.#lineLength + rest.length;
    this.#line = [];
    this.#lineLength = 0;
    if (this.#afterBlank && isFromLine(line)) {
      yield* this.#finish();
      this.#start = this.#position;
      this.#fromLine = line.toString('latin1').trimEnd();
    } else this.#add(line, length);
    this.#position += length;
    this.#afterBlank = isBlank(line);
  }

  #add(line: Buffer, length: number): void {
    this.#contentLength += length;
    if (this.#contentLength > this.#limit) this.#content = null;
    this.#content?.push(Buffer.from(line));
  }

  *#finish(): Generator<MboxEntry> {
    const { offset, length } = { offset: this.#start, length: this.#position - this.#start };
    const content = this.#content === null ? null : Buffer.concat(this.#content);
    const fromLine = this.#fromLine;
    this.#content = [];
    this.#contentLength = 0;
    this.#fromLine = null;
    const empty = content?.every((byte) => byte === NEWLINE || byte === RETURN) === true;
    if (fromLine !== null || !empty) yield { offset, fromLine, content, length };
  }
}

const isBlank = (line: Buffer): boolean =>
  line.length <= 2 && line.every((byte) => byte === NEWLINE || byte === RETURN);

function isFromLine(line: Buffer): boolean {
  if (line.length > LONGEST_FROM_LINE || !line.subarray(0, FROM.length).equals(FROM)) return false;
  return fromLineDate(line.toString('latin1')) !== null;
}
