/** What a literal brought: its octets only where they are few, for those of a large message must not be kept. */
export type Literal = { readonly size: number; readonly octets: string | null; readonly hasNul: boolean };

/** Stands in the text of a response where the octets of a literal stood; no octet reads like it. */
export const LITERAL_MARK = '\ue000';

/** What a client has switched on decides which grammar holds. */
export type Dialect = {
  /** ENABLE IMAP4rev2 (RFC 9051): UTF-8 in quoted strings and text, and nothing that is obsolete. */
  readonly rev2: boolean;
  /** ENABLE UTF8=ACCEPT (RFC 6855): UTF-8 in quoted strings. */
  readonly utf8: boolean;
  /** ENABLE QRESYNC (RFC 7162): VANISHED in place of EXPUNGE. */
  readonly qresync: boolean;
  /** ENABLE UIDONLY (RFC 9586): UIDFETCH in place of FETCH, VANISHED in place of EXPUNGE. */
  readonly uidOnly: boolean;
};

/** The server has sent what no client needs to understand. */
export class GrammarViolation extends Error {
  override readonly name = 'GrammarViolation';
}

const EXCERPT = 60;

/**
 * Reads one whole response: its octets as latin1, with a mark for each literal. Terminals of the ABNF are matched without
 * regard to case (RFC 5234, 2.3). Every method either consumes what it names or throws GrammarViolation.
 */
export class GrammarCursor {
  readonly dialect: Dialect;
  readonly #text: string;
  readonly #literals: readonly Literal[];
  #at = 0;
  #literal = 0;

  constructor(text: string, literals: readonly Literal[], dialect: Dialect) {
    this.#text = text;
    this.#literals = literals;
    this.dialect = dialect;
  }

  get next(): string {
    return this.#text[this.#at] ?? '';
  }

  fail(expected: string): never {
    const [before, after] = [
      this.#text.slice(Math.max(0, this.#at - EXCERPT), this.#at),
      this.#text.slice(this.#at, this.#at + EXCERPT),
    ];
    throw new GrammarViolation(`${expected} expected ${JSON.stringify(before)} ⟶ ${JSON.stringify(after)}`);
  }

  /** Whether `terminal` stands here; it is consumed where it does. */
  has(terminal: string): boolean {
    const end = this.#at + terminal.length;
    if (this.#text.slice(this.#at, end).toUpperCase() !== terminal.toUpperCase()) return false;
    this.#at = end;
    return true;
  }

  expect(terminal: string): void {
    if (!this.has(terminal)) this.fail(JSON.stringify(terminal));
  }

  space(): void {
    this.expect(' ');
  }

  /** What `pattern`, which is sticky, matches here, consumed; null where it does not. */
  tryMatch(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? null;
    if (found !== null) this.#at += found.length;
    return found;
  }

  match(pattern: RegExp, expected: string): string {
    return this.tryMatch(pattern) ?? this.fail(expected);
  }

  /** The octets of the literal whose mark stands here. */
  literal(): Literal {
    this.expect(LITERAL_MARK);
    const literal = this.#literals[this.#literal];
    this.#literal += 1;
    return literal ?? this.fail('a literal');
  }

  /** `"(" item *(SP item) ")"`, and `()` where there may be none. */
  list<T>(item: (cursor: GrammarCursor) => T, { least }: { readonly least: 0 | 1 }): T[] {
    this.expect('(');
    if (least === 0 && this.has(')')) return [];
    const items = [item(this)];
    while (!this.has(')')) {
      this.space();
      items.push(item(this));
    }
    return items;
  }

  /** Nothing may stand behind the response. */
  end(): void {
    if (this.#at !== this.#text.length || this.#literal !== this.#literals.length) this.fail('the end of the line');
  }
}
