import { ATOM, allIn, QUOTABLE } from './bytes.ts';
import { encodeMailboxName, type MailboxNames } from './mailbox-name.ts';

/** Below half of Node's buffer pool: then a writer for one answer costs no allocation of its own. */
const FIRST_ROOM = 2048;
/** Longer strings go as literals: a quoted string is a line, and clients bound their lines. */
const LONGEST_QUOTED = 1024;
const SHORT = 24;
/** A buffer is grown at once to what was taken last time, up to this. */
const MOST_AT_ONCE = 80 * 1024;
const [SPACE, QUOTE, BACKSLASH, ZERO] = [0x20, 0x22, 0x5c, 0x30];

/**
 * Writes IMAP responses into one growing buffer. Methods append and give the writer back; `take` hands the bytes to the
 * connection. Nothing is allocated per response but what `take` gives away, so that listing flags runs at the speed of
 * the buffer.
 *
 *     writer.raw('* ').number(3).raw(' FETCH (FLAGS ').flags(['\\Seen']).raw(')').crlf();
 *     if (writer.length > 65536) await send(writer.take());
 */
export class ResponseWriter {
  #room = Buffer.allocUnsafe(FIRST_ROOM);
  #length = 0;
  /** What the last `take` gave. */
  #taken = 0;
  readonly #mailboxNames: MailboxNames;

  constructor(mailboxNames: MailboxNames = 'modifiedUtf7') {
    this.#mailboxNames = mailboxNames;
  }

  /** Octets written and not yet taken. */
  get length(): number {
    return this.#length;
  }

  /** Takes back what was written beyond `length` octets: as if it had never been. */
  cutTo(length: number): void {
    this.#length = Math.min(this.#length, length);
  }

  /** What was written since the last `take`. The writer begins a new buffer: the old one belongs to the caller. */
  take(): Buffer {
    const bytes = this.#room.subarray(0, this.#length);
    // Small answers share the room: the socket may still hold earlier parts of it, which are never written again.
    this.#room = this.#room.subarray(this.#length);
    if (this.#room.length < FIRST_ROOM / 4) this.#room = Buffer.allocUnsafe(FIRST_ROOM);
    this.#taken = this.#length;
    this.#length = 0;
    return bytes;
  }

  /** Protocol text as it is: ASCII. */
  raw(text: string): this {
    const length = text.length;
    this.#reserve(length);
    const room = this.#room;
    const at = this.#length;
    // Calling into the runtime costs more than a short loop.
    if (length > SHORT) room.write(text, at, 'latin1');
    else for (let i = 0; i < length; i++) room[at + i] = text.charCodeAt(i);
    this.#length = at + length;
    return this;
  }

  /** Octets as they are, e.g. a stored ENVELOPE. */
  bytes(octets: Buffer): this {
    this.#reserve(octets.length);
    octets.copy(this.#room, this.#length);
    this.#length += octets.length;
    return this;
  }

  space(): this {
    this.#reserve(1);
    this.#room[this.#length++] = SPACE;
    return this;
  }

  crlf(): this {
    return this.raw('\r\n');
  }

  nil(): this {
    return this.raw('NIL');
  }

  /** A non-negative integer. */
  number(value: number): this {
    if (value > 0xffff_ffff) return this.raw(String(value));
    this.#reserve(10);
    const digits = digitsOf(value);
    let rest = value;
    for (let at = this.#length + digits - 1; at >= this.#length; at--) {
      const next = Math.floor(rest / 10);
      this.#room[at] = ZERO + (rest - next * 10);
      rest = next;
    }
    this.#length += digits;
    return this;
  }

  /** `string`: quoted where every octet may stand in quotes, else a literal. Text is sent as UTF-8. */
  string(value: string | Buffer): this {
    const octets = typeof value === 'string' ? Buffer.from(value) : value;
    if (octets.length > LONGEST_QUOTED || !allIn(octets, QUOTABLE)) return this.literal(octets);
    return this.#quoted(octets);
  }

  /** `nstring`: NIL for null. */
  nstring(value: string | Buffer | null): this {
    return value === null ? this.nil() : this.string(value);
  }

  /** `astring`: an atom where the value is one. */
  astring(value: string | Buffer): this {
    const octets = typeof value === 'string' ? Buffer.from(value) : value;
    // An atom that reads like NIL would be taken for NIL by some clients.
    const plain = octets.length > 0 && allIn(octets, ATOM) && !/^nil$/i.test(octets.toString('latin1'));
    return plain ? this.bytes(octets) : this.string(octets);
  }

  literal(octets: Buffer): this {
    return this.literalHeader(octets.length).bytes(octets);
  }

  /** `{size}` and its line end; the octets follow by `bytes`, or straight to the connection. */
  literalHeader(size: number): this {
    return this.raw('{').number(size).raw('}\r\n');
  }

  /** The same of a literal8 (RFC 3516), whose octets may be any. */
  literal8Header(size: number): this {
    return this.raw('~').literalHeader(size);
  }

  /** A mailbox name; no control character is in any. */
  mailbox(name: string): this {
    if (this.#mailboxNames === 'modifiedUtf7') return this.astring(encodeMailboxName(name));
    // Quoted strings hold UTF-8 (RFC 9051, 4.3).
    const octets = Buffer.from(name);
    return octets.length === name.length || octets.length > LONGEST_QUOTED
      ? this.astring(octets)
      : this.#quoted(octets);
  }

  /** A mailbox name where only a string may stand (NAMESPACE). */
  quotedMailbox(name: string): this {
    return this.#quoted(Buffer.from(this.#mailboxNames === 'modifiedUtf7' ? encodeMailboxName(name) : name));
  }

  /** `(\Seen $Forwarded)` */
  flags(flags: Iterable<string>): this {
    return this.atoms(flags);
  }

  /** A parenthesised list of atoms. */
  atoms(atoms: Iterable<string>): this {
    let separator = '(';
    for (const atom of atoms) {
      this.raw(separator).raw(atom);
      separator = ' ';
    }
    return this.raw(separator === '(' ? '()' : ')');
  }

  /** `* text` and a line end. */
  untagged(text: string): this {
    return this.raw('* ').raw(text).crlf();
  }

  /** `* OK [code] text`; `code` without brackets. */
  status(status: 'OK' | 'NO' | 'BAD' | 'BYE' | 'PREAUTH', text: string, code: string | null = null): this {
    return this.raw('* ').#condition(status, text, code);
  }

  /** `tag OK [code] text`: ends a command. A command without a tag is answered with `*`. */
  tagged(tag: string | null, outcome: { status: 'OK' | 'NO' | 'BAD'; text: string; code?: string | null }): this {
    return this.raw(tag ?? '*')
      .space()
      .#condition(outcome.status, outcome.text, outcome.code ?? null);
  }

  /** `+ text`: go on (literal, SASL challenge in base64, IDLE). */
  continuation(text = ''): this {
    return this.raw('+ ').raw(text).crlf();
  }

  #condition(status: string, text: string, code: string | null): this {
    this.raw(status).space();
    if (code !== null) this.raw('[').raw(code).raw('] ');
    return this.raw(printable(text)).crlf();
  }

  #quoted(octets: Buffer): this {
    this.#reserve(2 * octets.length + 2);
    const room = this.#room;
    let at = this.#length;
    room[at++] = QUOTE;
    for (let i = 0; i < octets.length; i++) {
      const octet = octets[i] ?? 0;
      if (octet === QUOTE || octet === BACKSLASH) room[at++] = BACKSLASH;
      room[at++] = octet;
    }
    room[at++] = QUOTE;
    this.#length = at;
    return this;
  }

  #reserve(octets: number): void {
    const needed = this.#length + octets;
    if (needed <= this.#room.length) return;
    const likely = Math.min(this.#taken + FIRST_ROOM, MOST_AT_ONCE);
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#room.length, likely));
    this.#room.copy(larger, 0, 0, this.#length);
    this.#room = larger;
  }
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let bound = 10; bound <= value; bound *= 10) digits++;
  return digits;
}

/** Human text of a response (`text` of RFC 3501, 9): one line of 7-bit characters, whatever was put into a message. */
const printable = (text: string): string => (text === '' ? '-' : text.replace(/[^\x20-\x7e]/g, '?'));
