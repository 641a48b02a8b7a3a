import { type Dialect, GrammarViolation, LITERAL_MARK, type Literal } from './grammar-cursor.ts';
import { parseResponse, type Response } from './parse-response.ts';

const NUL = 0;
const LF = 0x0a;
const CR = 0x0d;
/** Content that is larger goes by uncounted: whole mailboxes pass through here. */
const KEPT = 64 * 1024;
/** Python's imaplib gives up on a longer line (`_MAXLINE`). */
const LONGEST_LINE = 1_000_000;
/** Before the octets of a literal; in the text of a status response braces mean nothing. */
const ANNOUNCED = /~?\{(\d{1,19})\}\r\n$/;
const LONGEST_ANNOUNCEMENT = 24;
const CONDITION = /^(?:\S+ (?:OK|NO|BAD|BYE|PREAUTH)|\+) /;

const NOTHING: Dialect = { rev2: false, utf8: false, qresync: false, uidOnly: false };

/**
 * Everything that one connection sends, cut into responses, each held against the grammar. Takes octets in any pieces and
 * keeps at most one response. The first violation ends the examination: behind it nothing could be told from its
 * consequences.
 */
export class ResponseStream {
  readonly #onResponse: (response: Response) => void;
  readonly #onViolation: (violation: GrammarViolation) => void;
  #dialect = NOTHING;
  #line: Buffer[] = [];
  #lineLength = 0;
  /** Finished lines of the response, marks in place of literals. */
  #text = '';
  #literals: Literal[] = [];
  #left = 0;
  #literal: { readonly size: number; readonly kept: Buffer[]; hasNul: boolean } | null = null;
  #broken = false;
  #bye = false;

  constructor(options: {
    readonly onResponse?: (response: Response) => void;
    readonly onViolation: (violation: GrammarViolation) => void;
  }) {
    this.#onResponse = options.onResponse ?? (() => undefined);
    this.#onViolation = options.onViolation;
  }

  push(octets: Buffer): void {
    let at = 0;
    try {
      while (at < octets.length && !this.#broken)
        at += this.#literal === null ? this.#readLine(octets, at) : this.#readLiteral(octets, at);
    } catch (error) {
      if (!(error instanceof GrammarViolation)) throw error;
      this.#broken = true;
      this.#onViolation(error);
    }
  }

  #readLiteral(octets: Buffer, at: number): number {
    const literal = this.#literal;
    if (literal === null) return 0;
    const piece = octets.subarray(at, at + this.#left);
    this.#left -= piece.length;
    literal.hasNul ||= piece.includes(NUL);
    if (literal.size <= KEPT) literal.kept.push(Buffer.from(piece));
    if (this.#left === 0) this.#endLiteral(literal);
    return piece.length;
  }

  #endLiteral({ size, kept, hasNul }: { size: number; kept: readonly Buffer[]; hasNul: boolean }): void {
    const octets = size <= KEPT ? Buffer.concat(kept).toString('latin1') : null;
    this.#literals.push({ size, octets, hasNul });
    this.#text += LITERAL_MARK;
    this.#literal = null;
  }

  #readLine(octets: Buffer, at: number): number {
    const end = octets.indexOf(LF, at) + 1;
    const piece = octets.subarray(at, end === 0 ? octets.length : end);
    this.#line.push(Buffer.from(piece));
    this.#lineLength += piece.length;
    if (this.#lineLength > LONGEST_LINE) throw new GrammarViolation(`a line of more than ${LONGEST_LINE} octets`);
    if (end !== 0) this.#endLine(Buffer.concat(this.#line));
    return piece.length;
  }

  #endLine(line: Buffer): void {
    this.#line = [];
    this.#lineLength = 0;
    const cr = line.indexOf(CR);
    if (cr !== line.length - 2) throw new GrammarViolation(`bare CR or LF in ${JSON.stringify(excerpt(line))}`);
    if (line.includes(NUL)) throw new GrammarViolation(`NUL in ${JSON.stringify(excerpt(line))}`);
    this.#text += line.toString('latin1');
    const [, size] = ANNOUNCED.exec(line.subarray(-LONGEST_ANNOUNCEMENT).toString('latin1')) ?? [];
    if (size === undefined || CONDITION.test(this.#text)) this.#endResponse();
    else this.#beginLiteral(Number(size));
  }

  #beginLiteral(size: number): void {
    this.#left = size;
    this.#literal = { size, kept: [], hasNul: false };
    if (size === 0) this.#endLiteral(this.#literal);
  }

  #endResponse(): void {
    const whole = { text: this.#text, literals: this.#literals };
    this.#text = '';
    this.#literals = [];
    const response = parseResponse(whole, this.#dialect);
    // RFC 9051, 7.1.5: behind BYE comes the answer to LOGOUT at most.
    if (this.#bye && !(response.kind === 'condition' && response.tag !== null)) {
      throw new GrammarViolation(`nothing is said behind BYE, but ${JSON.stringify(whole.text)}`);
    }
    this.#note(response);
    this.#onResponse(response);
  }

  #note(response: Response): void {
    if (response.kind === 'enabled') {
      const enabled = response.words.map((word) => word.toUpperCase());
      const { rev2, utf8, qresync, uidOnly } = this.#dialect;
      this.#dialect = {
        rev2: rev2 || enabled.includes('IMAP4REV2'),
        utf8: utf8 || enabled.includes('UTF8=ACCEPT'),
        qresync: qresync || enabled.includes('QRESYNC'),
        uidOnly: uidOnly || enabled.includes('UIDONLY'),
      };
    }
    if (response.kind !== 'condition') return;
    if (response.status === 'BYE') this.#bye = true;
    // Who is told how to sign in is nobody any more: UNAUTHENTICATE takes back what was enabled (RFC 8437, 3).
    const signsIn =
      response.code?.name === 'CAPABILITY' &&
      response.code.words.some((word) => /^(?:AUTH=|LOGINDISABLED$)/i.test(word));
    if (signsIn) this.#dialect = NOTHING;
  }
}

const excerpt = (line: Buffer): string => line.subarray(-200).toString('latin1');
