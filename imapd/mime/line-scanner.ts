const LF = 0x0a;
const CR = 0x0d;

/** A line of a stream: where it lies, and its beginning. Offsets count from the beginning of the stream. */
export interface Line {
  readonly start: number;
  /** Before the line end. */
  readonly end: number;
  /** After the line end; equal to `end` for a last line without one. */
  readonly next: number;
  /** The content up to the scanner's limit, in `bytes[from, to)`. Valid during the call only. */
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Cuts a stream into lines that end with LF, or CR LF. Memory: one line up to `limit`, whatever the stream's lines are.
 * The same object is shown for every line: a message has a million of them.
 */
export class LineScanner {
  readonly #limit: number;
  readonly #onLine: (line: Line) => void;
  readonly #line: Mutable<Line> = { start: 0, end: 0, next: 0, bytes: Buffer.alloc(0), from: 0, to: 0 };
  /** Beginning of a line that earlier chunks began. */
  #held: Buffer[] = [];
  #heldLength = 0;
  #endsWithCr = false;
  #offset = 0;

  constructor(limit: number, onLine: (line: Line) => void) {
    this.#limit = limit;
    this.#onLine = onLine;
  }

  write(chunk: Buffer): void {
    let from = 0;
    for (let found = chunk.indexOf(LF); found >= 0; found = chunk.indexOf(LF, from)) {
      this.#emit(chunk, from, found);
      from = found + 1;
    }
    if (from < chunk.length) this.#hold(chunk.subarray(from));
    this.#offset += chunk.length;
  }

  /** Shows a last line without line end. */
  end(): void {
    const line = this.#line;
    if (line.next >= this.#offset) return;
    line.start = line.next;
    line.end = this.#offset;
    line.next = this.#offset;
    this.#show(Buffer.concat(this.#held));
  }

  /** `chunk[from, lineFeed)` completes a line. */
  #emit(chunk: Buffer, from: number, lineFeed: number): void {
    const line = this.#line;
    const endsWithCr = lineFeed > from ? chunk[lineFeed - 1] === CR : this.#endsWithCr;
    line.start = line.next;
    line.next = this.#offset + lineFeed + 1;
    line.end = line.next - (endsWithCr ? 2 : 1);
    if (this.#heldLength > 0) {
      this.#hold(chunk.subarray(from, lineFeed));
      this.#show(Buffer.concat(this.#held));
      this.#held = [];
      this.#heldLength = 0;
    } else {
      line.bytes = chunk;
      line.from = from;
      line.to = from + Math.min(line.end - line.start, this.#limit);
      this.#onLine(line);
    }
    this.#endsWithCr = false;
  }

  #show(held: Buffer): void {
    const line = this.#line;
    line.bytes = held;
    line.from = 0;
    line.to = Math.min(line.end - line.start, this.#limit);
    this.#onLine(line);
  }

  #hold(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#endsWithCr = piece.at(-1) === CR;
    const room = this.#limit - this.#heldLength;
    // A copy: the chunk may be large and is the source's to reuse.
    if (room > 0) this.#held.push(Buffer.from(piece.subarray(0, room)));
    this.#heldLength += piece.length;
  }
}
