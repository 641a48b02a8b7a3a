import { ByteAccumulator } from './byte-accumulator.ts';
import type { Frame, MessageFrame } from './frame.ts';
import type { Limits } from './limits.ts';
import { LITERAL_HEADER_TAIL, type LiteralHeader, literalHeaderAt } from './literal-header.ts';
import type { Refusal } from './refusal.ts';
import { tagOf } from './tag.ts';

const LF = 0x0a;
const CR = 0x0d;
const NOTHING = Buffer.alloc(0);

/** APPEND or REPLACE, and whether its first literal is the mailbox name, which is no message yet. */
const APPEND = /^[^ ]+ (?:APPEND|(?:UID )?REPLACE [^ ]+) (~?\{\d+\+?\}\r?\n$)?/i;

/**
 * Cuts the bytes of a client into commands. Feed it with `push`, ask with `next`: a frame, or null while more bytes are
 * needed. Never throws on input, holds at most one command within `Limits`, and gives the same frames however the bytes
 * were split.
 *
 *              ┌───────────────── command, end ◄── line end ──┐
 *              ▼                                              │
 *   ┌──────► text ──{n}──► literal ──────────────────────► text …
 *   │          ├─{n} of APPEND─► decision ─accept─► chunks ─► text …
 *   │          │                    └─refuse─┐
 *   │          └─too long, too big───────────┴─► skipText ◄─► skipLiteral
 *   └────────────────────── refused ────────────────┘
 *
 * A frame is acted on before the next one is read: what a command switches (`expectLine`, `signedIn`, `signedOut`,
 * `discardInput`) holds for the very next byte, even where that byte had arrived before.
 */
export class Framer {
  readonly #limits: Limits;
  readonly #unaskedLiteral: number;
  #signedIn = false;
  #input: Buffer[] = [];
  #offset = 0;
  #mode: 'text' | 'literal' | 'decision' | 'chunks' | 'skipText' | 'skipLiteral' | 'fatal' = 'text';
  /** The line to come is an answer, no command. */
  #answer = false;
  /** A frame that needs no further input. */
  #owed: Frame | null = null;
  /** Octets of a literal still to come. */
  #left = 0;

  // The command under way.
  readonly #command = new ByteAccumulator();
  #lineAt = 0;
  #textBytes = 0;
  #literals = 0;
  #literalBytes = 0;
  #append: 'no' | 'mailbox' | 'message' = 'no';
  #announced: MessageFrame | null = null;
  /** Messages of APPEND, and literals that are parts of one. */
  #pieces = 0;
  #tag: string | null = null;

  // The command being skipped.
  #refusal: Refusal | null = null;
  #skipped = 0;
  #tail: Buffer = NOTHING;

  /** `unaskedLiteral`: octets of the largest literal that clients may send without leave (RFC 7888); -1: of none. */
  constructor(
    limits: Limits,
    { unaskedLiteral = Number.POSITIVE_INFINITY }: { readonly unaskedLiteral?: number } = {},
  ) {
    this.#limits = limits;
    this.#unaskedLiteral = unaskedLiteral;
  }

  /** From now on literals may be as large as a signed-in user's, and messages of APPEND stream. */
  signedIn(): void {
    this.#signedIn = true;
  }

  /** From now on literals are bounded as a stranger's again (UNAUTHENTICATE, RFC 8437). */
  signedOut(): void {
    this.#signedIn = false;
  }

  /** The next line is no command but an answer: to a SASL challenge, or DONE. Holds for that line only. */
  expectLine(): void {
    this.#answer = true;
  }

  /** Let the announced message come. For a synchronising literal the next frame is `continue`. */
  accept(): void {
    const { size, synchronizing } = this.#decide();
    if (synchronizing) this.#owed = { kind: 'continue' };
    this.#left = size;
    this.#mode = size === 0 ? 'text' : 'chunks';
  }

  /** Do without the announced message: what is left of the command is skipped, then `refused` is the frame. */
  refuse(refusal: Refusal): void {
    this.#owed = this.#skip(refusal, this.#decide());
  }

  /** Throw away what has arrived: plain text sent behind STARTTLS may be anybody's (RFC 3501, 6.2.1). Gives the octets. */
  discardInput(): number {
    const octets = this.#input.reduce((sum, chunk) => sum + chunk.length, -this.#offset);
    this.#input = [];
    this.#offset = 0;
    this.#reset();
    return octets;
  }

  push(chunk: Buffer): void {
    if (chunk.length > 0 && this.#mode !== 'fatal') this.#input.push(chunk);
  }

  /** @throws Error between a `message` frame and the decision on it: a mistake of the caller */
  next(): Frame | null {
    if (this.#mode === 'decision') throw new Error('a message was announced: accept or refuse it first');
    let frame = this.#owed;
    this.#owed = null;
    while (frame === null && this.#input.length > 0) frame = this.#read();
    return frame;
  }

  #read(): Frame | null {
    switch (this.#mode) {
      case 'literal':
        this.#command.append(this.#takeLiteral('text'));
        return null;
      case 'chunks':
        return { kind: 'chunk', bytes: this.#takeLiteral('text') };
      case 'skipLiteral':
        this.#takeLiteral('skipText');
        return null;
      case 'skipText':
        return this.#skipText();
      default:
        return this.#readText();
    }
  }

  /** The rest of the first chunk, at most `limit` octets and at most one line where `line` is set. Never empty. */
  #take(limit: number, line: boolean): Buffer {
    const chunk = this.#input[0] ?? NOTHING;
    const lineEnd = line ? chunk.indexOf(LF, this.#offset) + 1 : 0;
    const end = Math.min(lineEnd === 0 ? chunk.length : lineEnd, this.#offset + limit);
    const piece = chunk.subarray(this.#offset, end);
    this.#offset = end;
    if (end === chunk.length) {
      this.#input.shift();
      this.#offset = 0;
    }
    return piece;
  }

  #takeLiteral(afterwards: 'text' | 'skipText'): Buffer {
    const piece = this.#take(this.#left, false);
    this.#left -= piece.length;
    if (this.#left === 0) this.#mode = afterwards;
    return piece;
  }

  #readText(): Frame | null {
    const piece = this.#take(Number.POSITIVE_INFINITY, true);
    this.#textBytes += piece.length;
    const limit = this.#answer ? this.#limits.continuationLine : this.#limits.line;
    if (this.#textBytes > limit) return this.#tooLong(piece);
    if (piece.at(-1) !== LF) {
      this.#command.append(piece);
      return null;
    }
    if (this.#command.length === 0) return this.#lineRead(piece);
    this.#command.append(piece);
    return this.#lineRead(this.#command.view());
  }

  /** `command`: everything of the command so far, ending with a line end. */
  #lineRead(command: Buffer): Frame | null {
    if (this.#answer) return this.#finish({ kind: 'line', bytes: withoutLineEnd(command) });
    const header = literalHeaderAt(withoutLineEnd(command.subarray(this.#lineAt)));
    if (header !== null) return this.#literalAnnounced(command, header);
    const bytes = withoutLineEnd(command);
    if (this.#announced !== null) return this.#finish({ kind: 'end', bytes });
    // Some clients end a literal with a line end of its own; nothing is to be answered to it.
    return this.#finish(bytes.length === 0 ? null : { kind: 'command', bytes });
  }

  #literalAnnounced(command: Buffer, header: LiteralHeader): Frame | null {
    if (this.#literals === 0 && this.#announced === null) this.#beginLiterals(command);
    // Taken for what it is even where it is not allowed: its octets must never be read as commands.
    const unasked = !header.synchronizing && header.size > this.#unaskedLiteral;
    if (unasked) return this.#skip(this.#unaskedRefusal(), header);
    if (this.#append === 'message') return this.#messageAnnounced(command, header);
    if (this.#append === 'mailbox') this.#append = 'message';
    this.#literals++;
    this.#literalBytes += header.size;
    const refusal = this.#literalRefusal(header.size);
    if (refusal !== null) return this.#skip(refusal, header);
    if (this.#command.length === 0) this.#command.append(command);
    this.#lineAt = this.#command.length + header.size;
    this.#left = header.size;
    this.#mode = header.size === 0 ? 'text' : 'literal';
    return header.synchronizing ? { kind: 'continue' } : null;
  }

  #beginLiterals(command: Buffer): void {
    this.#tag = tagOf(command, this.#limits.tag);
    const append = this.#signedIn ? APPEND.exec(command.toString('latin1')) : null;
    if (append !== null) this.#append = append[1] === undefined ? 'message' : 'mailbox';
  }

  #literalRefusal(size: number): Refusal | null {
    if (this.#literals > this.#limits.literalCount) {
      return { tag: this.#tag, status: 'BAD', code: null, text: `More than ${this.#limits.literalCount} literals` };
    }
    const limit = this.#signedIn ? this.#limits.literal : this.#limits.literalBeforeLogin;
    if (size <= limit && this.#literalBytes <= this.#limits.literalsTogether) return null;
    return { tag: this.#tag, status: 'NO', code: 'TOOBIG', text: `Literal above the limit of ${limit} octets` };
  }

  /** RFC 7888, 5: of a literal that would have been small enough for LITERAL+, TOOBIG tells why. */
  #unaskedRefusal(): Refusal {
    const [tag, status] = [this.#tag, 'BAD'] as const;
    if (this.#unaskedLiteral < 0) {
      return { tag, status, code: null, text: 'Wait for leave to send a literal: there is no LITERAL+' };
    }
    const text = `Wait for leave to send a literal of more than ${this.#unaskedLiteral} octets: there is no LITERAL+`;
    return { tag, status, code: 'TOOBIG', text };
  }

  #messageAnnounced(command: Buffer, header: LiteralHeader): Frame | null {
    const refusal = this.#messageRefusal(header.size);
    if (refusal !== null) return this.#skip(refusal, header);
    const first = this.#announced === null;
    this.#announced = { kind: 'message', first, bytes: withoutLineEnd(command), ...header };
    this.#mode = 'decision';
    return this.#announced;
  }

  #messageRefusal(size: number): Refusal | null {
    this.#pieces++;
    const { message, appendMessages, appendParts } = this.#limits;
    const refusal = (code: string, text: string): Refusal => ({ tag: this.#tag, status: 'NO', code, text });
    if (size > message) return refusal('TOOBIG', `Message above the limit of ${message} octets`);
    // Which of them are messages, and how much those are together, whoever takes them in knows and bounds.
    const most = appendMessages + appendParts;
    return this.#pieces > most ? refusal('LIMIT', `More than ${most} messages and parts at once`) : null;
  }

  #decide(): MessageFrame {
    if (this.#mode !== 'decision' || this.#announced === null) throw new Error('no message is announced');
    this.#command.clear();
    this.#textBytes = 0;
    this.#lineAt = 0;
    return this.#announced;
  }

  /** The line goes on beyond its limit: forget it, but look how it ends, for a literal may follow. */
  #tooLong(piece: Buffer): Frame | null {
    this.#tail = tailOf(this.#command.view().subarray(this.#lineAt));
    this.#skipped = this.#textBytes - piece.length;
    this.#command.append(piece.subarray(0, this.#limits.tag + 1));
    const begins = this.#announced === null && !this.#answer;
    const tag = this.#tag ?? (begins ? tagOf(this.#command.view(), this.#limits.tag) : null);
    const limit = this.#answer ? this.#limits.continuationLine : this.#limits.line;
    this.#refusal = { tag, status: 'BAD', code: null, text: `Line above the limit of ${limit} octets` };
    this.#command.clear();
    this.#mode = 'skipText';
    return this.#skipPiece(piece);
  }

  #skipText(): Frame | null {
    return this.#skipPiece(this.#take(Number.POSITIVE_INFINITY, true));
  }

  #skipPiece(piece: Buffer): Frame | null {
    this.#skipped += piece.length;
    if (this.#skipped > this.#limits.discard) return this.#fatal();
    this.#tail = tailOf(Buffer.concat([this.#tail, tailOf(piece)]));
    if (piece.at(-1) !== LF) return null;
    const header = this.#answer ? null : literalHeaderAt(withoutLineEnd(this.#tail).subarray(-LITERAL_HEADER_TAIL));
    return this.#skip(this.#refusal, header);
  }

  /** After a line that ends with `header`, or with none: skip the literal and the next line, or be done. */
  #skip(refusal: Refusal | null, header: LiteralHeader | null): Frame | null {
    if (refusal === null || header === null || header.synchronizing) {
      return this.#finish(refusal === null ? null : { kind: 'refused', refusal });
    }
    this.#command.clear();
    this.#refusal = refusal;
    this.#tail = NOTHING;
    this.#left = header.size;
    this.#skipped += header.size;
    this.#mode = header.size === 0 ? 'skipText' : 'skipLiteral';
    return this.#skipped > this.#limits.discard ? this.#fatal() : null;
  }

  #fatal(): Frame {
    this.#reset();
    this.#input = [];
    this.#mode = 'fatal';
    return { kind: 'fatal', text: `More than ${this.#limits.discard} octets of unwanted input` };
  }

  #finish(frame: Frame | null): Frame | null {
    this.#reset();
    return frame;
  }

  #reset(): void {
    this.#mode = this.#mode === 'fatal' ? 'fatal' : 'text';
    this.#answer = false;
    this.#owed = null;
    this.#left = 0;
    this.#command.clear();
    this.#lineAt = 0;
    this.#textBytes = 0;
    this.#literals = 0;
    this.#literalBytes = 0;
    this.#append = 'no';
    this.#announced = null;
    this.#pieces = 0;
    this.#tag = null;
    this.#refusal = null;
    this.#skipped = 0;
    this.#tail = NOTHING;
  }
}

/** What is needed of the end of a line to see a literal header: a copy, so that the rest may go. */
const tailOf = (line: Buffer): Buffer => Buffer.from(line.subarray(-LITERAL_HEADER_TAIL - 2));

function withoutLineEnd(line: Buffer): Buffer {
  let end = line.length;
  if (line[end - 1] === LF) end--;
  if (line[end - 1] === CR) end--;
  return line.subarray(0, end);
}
