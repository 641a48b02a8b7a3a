import { isUtf8 } from 'node:buffer';
import { ASTRING, ATOM, byteClass, DIGIT } from '../bytes.ts';
import type { Limits } from '../limits.ts';
import type { MailboxNames } from '../mailbox-name.ts';
import { SyntaxFault } from './syntax-fault.ts';

const LITERAL_HEADER = /(~?)\{(\d{1,15})\+?\}/y;
const LINE_END = /\r?\n/y;
const [NUL, LF, CR, QUOTE, BACKSLASH] = [0x00, 0x0a, 0x0d, 0x22, 0x5c];

/** How many of something a list may hold, and what to call it when it holds more. */
export interface ListLimit {
  readonly of: string;
  readonly most: number;
  /** More are NO with this code; absent: BAD. */
  readonly code?: 'LIMIT';
}

/**
 * Reads a command from left to right. Strings are latin1 here (a character is an octet); `text` reads them as UTF-8. Every method
 * leaves the position behind what it read, or throws SyntaxFault with what was expected and where.
 */
export class Cursor {
  readonly limits: Limits;
  readonly mailboxNames: MailboxNames;
  /** Mailbox names that are spelt otherwise here than the client wrote them, with what it wrote (RFC 9051, 6.3.9.7). */
  readonly suppliedNames = new Map<string, string>();
  readonly #text: string;
  #at: number;

  /** `start`: octets in front of the first argument. */
  constructor(
    bytes: Buffer,
    limits: Limits,
    {
      start = 0,
      mailboxNames = 'modifiedUtf7',
    }: { readonly start?: number; readonly mailboxNames?: MailboxNames } = {},
  ) {
    this.#text = bytes.toString('latin1');
    this.#at = start;
    this.limits = limits;
    this.mailboxNames = mailboxNames;
  }

  /** @throws SyntaxFault `Expected … at octet n, found …` */
  fail(expected: string): never {
    const next = this.#text[this.#at];
    const found = next === undefined ? 'the end' : JSON.stringify(next).replace(/[^ -~]/g, '?');
    throw new SyntaxFault(`Expected ${expected} at octet ${this.#at + 1}, found ${found}`);
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** The command must be over. Blanks at its end are forgiven: several clients send one. */
  end(): void {
    while (this.skip(' '));
    if (!this.atEnd) this.fail('the end of the command');
  }

  /** Is there a further argument? Takes the blanks before it, or those at the end of the command. */
  more(): boolean {
    if (!this.skip(' ')) return false;
    while (this.skip(' '));
    return !this.atEnd;
  }

  /** The next character without taking it; empty at the end. */
  get next(): string {
    return this.#text[this.#at] ?? '';
  }

  /** Take `character` if it is next. */
  skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  expect(character: string): void {
    if (!this.skip(character)) this.fail(character === ' ' ? 'a space' : `"${character}"`);
  }

  space(): void {
    this.expect(' ');
  }

  /** As many characters as are of `classes` (`bytes.ts`), perhaps none. */
  run(classes: number): string {
    const from = this.#at;
    while (this.#isNext(classes)) this.#at++;
    return this.#text.slice(from, this.#at);
  }

  /** What a sticky expression matches here; null where it does not. */
  match(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#text);
    if (found !== null) this.#at = expression.lastIndex;
    return found;
  }

  atom(what: string): string {
    return this.run(ATOM) || this.fail(what);
  }

  /** An atom in capitals: names of commands, items and options know no case. */
  word(what: string): string {
    return this.atom(what).toUpperCase();
  }

  /** One of `words`, in capitals. */
  oneOf<W extends string>(words: readonly W[], what: string): W {
    const from = this.#at;
    const word = this.run(ATOM).toUpperCase();
    const known = words.find((candidate) => candidate === word);
    if (known !== undefined) return known;
    this.#at = from;
    return this.fail(`${what} (${words.join(', ')})`);
  }

  /** An integer from 0 to `most`. */
  number(what: string, most = 0xffff_ffff): number {
    const from = this.#at;
    while (this.#isNext(DIGIT)) this.#at++;
    const value = Number(this.#text.slice(from, this.#at));
    if (this.#at > from && value <= most) return value;
    this.#at = from;
    return this.fail(what);
  }

  /** mod-sequence-value (RFC 7162, 7): up to 2^63 - 1. Ours are safe integers; a larger one means "beyond all of ours". */
  modSequence(): number {
    const from = this.#at;
    const digits = this.run(DIGIT);
    if (digits !== '' && digits.length <= 19 && BigInt(digits) < 2n ** 63n)
      return Math.min(Number(digits), Number.MAX_SAFE_INTEGER);
    this.#at = from;
    return this.fail('a mod-sequence below 2^63');
  }

  get isAtString(): boolean {
    return this.next === '"' || this.next === '{' || (this.next === '~' && this.#text[this.#at + 1] === '{');
  }

  /** A quoted string or a literal. */
  string(what: string): string {
    return this.next === '"' ? this.#quoted() : this.#literal(what);
  }

  astring(what: string): string {
    return this.isAtString ? this.string(what) : this.run(ASTRING) || this.fail(what);
  }

  /** As `string`, and what a literal8 holds, NUL among it (RFC 3516). */
  octets(what: string): string {
    return this.next === '"' ? this.#quoted() : this.#literal(what, true);
  }

  nstring(what: string): string | null {
    if (this.isAtString) return this.string(what);
    return this.match(/NIL(?![^ ()])/iy) === null ? this.fail(`${what} or NIL`) : null;
  }

  /** An astring as Unicode. */
  text(what: string): string {
    return this.unicode(this.astring(what), what);
  }

  /** @throws SyntaxFault where the octets are not UTF-8 */
  unicode(octets: string, what: string): string {
    if (!/[\x80-\xff]/.test(octets)) return octets;
    const bytes = Buffer.from(octets, 'latin1');
    if (!isUtf8(bytes)) throw new SyntaxFault(`Expected ${what} in UTF-8`);
    return bytes.toString('utf8');
  }

  /** `(item item …)`, perhaps empty. */
  list<T>(item: () => T, limit: ListLimit): T[] {
    const items: T[] = [];
    this.expect('(');
    if (this.skip(')')) return items;
    for (;;) {
      items.push(item());
      if (items.length > limit.most) throw tooMany(limit);
      if (this.skip(')')) return items;
      if (!this.skip(' ')) this.fail('a space or ")"');
    }
  }

  /** `{size}` or, of a literal8 (RFC 3516), `~{size}`: what announces a message of APPEND. */
  literalHeader(what: string): { readonly size: number; readonly binary: boolean } {
    const header = this.match(LITERAL_HEADER);
    return header === null ? this.fail(what) : { size: Number(header[2]), binary: header[1] === '~' };
  }

  #isNext(classes: number): boolean {
    const code = this.#text.charCodeAt(this.#at);
    return code < 256 && ((byteClass[code] ?? 0) & classes) !== 0;
  }

  /** 8-bit octets pass where the client has not said that it speaks UTF-8: `text` then wants it. */
  #quoted(): string {
    const from = ++this.#at;
    let escapes = false;
    for (; ; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === QUOTE) break;
      if (code === BACKSLASH) {
        escapes = true;
        this.#at++;
        if (this.next !== '"' && this.next !== '\\') this.fail('" or \\ behind a backslash');
      } else if (Number.isNaN(code) || code === NUL || code === CR || code === LF) {
        this.fail('the end of a quoted string');
      }
    }
    const content = this.#text.slice(from, this.#at++);
    // RFC 6855, 3; RFC 9051, 4.3.
    if (this.mailboxNames === 'utf8') this.unicode(content, 'a quoted string');
    return escapes ? content.replace(/\\(.)/g, '$1') : content;
  }

  #literal(what: string, anyOctets = false): string {
    const { size, binary } = this.literalHeader(what);
    if (binary && !anyOctets) throw new SyntaxFault('A binary literal can only be a message');
    if (this.match(LINE_END) === null) return this.fail('the line end before a literal');
    const content = this.#text.slice(this.#at, this.#at + size);
    if (content.length < size) throw new SyntaxFault(`Literal of ${size} octets is cut short`);
    if (!binary && content.includes('\0')) throw new SyntaxFault(`Expected ${what} without NUL`);
    this.#at += size;
    return content;
  }
}

function tooMany({ of, most, code }: ListLimit): SyntaxFault {
  return new SyntaxFault(`More than ${most} ${of}`, code === undefined ? { status: 'BAD' } : { status: 'NO', code });
}
