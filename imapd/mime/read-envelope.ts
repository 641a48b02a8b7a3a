/** An address of a stored ENVELOPE (RFC 3501, 7.4.2); latin1, encoded words kept. `host` null: the name of a group. */
export type EnvelopeAddress = {
  readonly name: string | null;
  readonly mailbox: string | null;
  readonly host: string | null;
};

/** What a stored ENVELOPE tells for sorting and threading; latin1. Of each list of addresses the first. */
export type EnvelopeFacts = {
  readonly date: string | null;
  readonly subject: string | null;
  readonly from: EnvelopeAddress | null;
  readonly to: EnvelopeAddress | null;
  readonly cc: EnvelopeAddress | null;
  readonly inReplyTo: string | null;
  readonly messageId: string | null;
};

/** The other way of `writeEnvelope`. @throws Error where the octets are no ENVELOPE of ours */
export function readEnvelope(octets: Buffer): EnvelopeFacts {
  const reader = new EnvelopeReader(octets.toString('latin1'));
  reader.expect('(');
  const [date, subject] = [reader.nstring(), reader.nstring()];
  const [from, , , to, cc] = Array.from({ length: 6 }, () => reader.firstAddress());
  const [inReplyTo, messageId] = [reader.nstring(), reader.nstring()];
  return { date, subject, from: from ?? null, to: to ?? null, cc: cc ?? null, inReplyTo, messageId };
}

const QUOTED = /"((?:[^"\\]|\\.)*)"/sy;
const LITERAL = /\{(\d+)\}\r\n/y;

class EnvelopeReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  expect(token: string): void {
    if (!this.#skip(token)) throw new Error(`no ENVELOPE: ${JSON.stringify(token)} is missing at ${this.#at}`);
  }

  /** With the space before it, where there is one. */
  nstring(): string | null {
    this.#skip(' ');
    if (this.#skip('NIL')) return null;
    const quoted = this.#match(QUOTED)?.[1];
    return quoted === undefined ? this.#literal() : quoted.replace(/\\(.)/gs, '$1');
  }

  firstAddress(): EnvelopeAddress | null {
    this.#skip(' ');
    if (this.#skip('NIL')) return null;
    this.expect('(');
    const first = this.#address();
    while (!this.#skip(')')) this.#address();
    return first;
  }

  #address(): EnvelopeAddress {
    this.expect('(');
    const [name = null, , mailbox = null, host = null] = Array.from({ length: 4 }, () => this.nstring());
    this.expect(')');
    return { name, mailbox, host };
  }

  #literal(): string {
    const size = Number(this.#match(LITERAL)?.[1] ?? Number.NaN);
    if (Number.isNaN(size)) throw new Error(`no ENVELOPE: a string is missing at ${this.#at}`);
    this.#at += size;
    return this.#text.slice(this.#at - size, this.#at);
  }

  #skip(token: string): boolean {
    if (!this.#text.startsWith(token, this.#at)) return false;
    this.#at += token.length;
    return true;
  }

  #match(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#text);
    if (found !== null) this.#at = expression.lastIndex;
    return found;
  }
}
