/** A parameter of Content-Type or Content-Disposition: latin1, quoting removed. */
export type Parameter = readonly [name: string, value: string];

/** `value; name=value; …`: Content-Type (RFC 2045, 5.1) and Content-Disposition (RFC 2183). */
export interface StructuredValue {
  /** Before the first semicolon, without comments and blanks. */
  readonly value: string;
  /** With the pieces of RFC 2231 put together, in the order of their first appearance. */
  readonly parameters: readonly Parameter[];
}

const MOST_PARAMETERS = 128;
const BLANKS = /[ \t\r\n]*/y;
const VALUE = /[^;( \t\r\n]+/y;
const PARAMETER_NAME = /[^=; \t\r\n(]+/y;
const QUOTED = /"([^"\\]*(?:\\.[^"\\]*)*)(?:"|$)/sy;
/** Outside quotes everything up to the next semicolon or blank: names of files often stand there unquoted. */
const BARE = /[^; \t\r\n]*/y;
const TO_SEMICOLON = /[^;]*/y;

/** Never fails: what cannot be understood is skipped to the next semicolon. */
export function parseStructuredValue(text: string): StructuredValue {
  const reader = new Reader(text);
  let value = '';
  for (reader.blanks(); !reader.atEnd && !reader.isAt(';'); reader.blanks())
    value += reader.take(VALUE) || reader.one();
  const parameters: Parameter[] = [];
  while (reader.skip(';') && parameters.length < MOST_PARAMETERS) {
    const parameter = readParameter(reader);
    if (parameter !== null) parameters.push(parameter);
    reader.blanks();
    if (!reader.isAt(';')) reader.take(TO_SEMICOLON);
  }
  return { value, parameters: joinContinuations(parameters) };
}

function readParameter(reader: Reader): Parameter | null {
  reader.blanks();
  const name = reader.take(PARAMETER_NAME);
  reader.blanks();
  if (name === '' || !reader.skip('=')) return null;
  reader.blanks();
  const quoted = reader.match(QUOTED);
  return [name, quoted === null ? reader.take(BARE) : (quoted[1] ?? '').replace(/\\(.)/gs, '$1')];
}

/** A position in a text; comments count as blanks. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  isAt(character: string): boolean {
    return this.#text[this.#at] === character;
  }

  skip(character: string): boolean {
    if (!this.isAt(character)) return false;
    this.#at++;
    return true;
  }

  one(): string {
    return this.#text[this.#at++] ?? '';
  }

  match(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#text);
    if (found !== null) this.#at = expression.lastIndex;
    return found;
  }

  take(expression: RegExp): string {
    return this.match(expression)?.[0] ?? '';
  }

  blanks(): void {
    this.take(BLANKS);
    while (this.isAt('(')) {
      this.#at = endOfComment(this.#text, this.#at);
      this.take(BLANKS);
    }
  }
}

/** After the comment that begins at `at`; comments nest (RFC 5322, 3.2.2). An open one runs to the end. */
export function endOfComment(text: string, at: number): number {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    const character = text[i];
    if (character === '\\') i++;
    else if (character === '(') depth++;
    else if (character === ')' && --depth === 0) return i + 1;
  }
  return text.length;
}

/**
 * RFC 2231, 3: `title*0=a; title*1=b` is `title=ab`. Charset and language stay in the value and `*` in the name, for the
 * client to decode (RFC 2231, 6). Percent signs of a piece without `*` are escaped where other pieces have one.
 */
function joinContinuations(parameters: readonly Parameter[]): readonly Parameter[] {
  if (!parameters.some(([name]) => CONTINUATION.test(name))) return parameters;
  const joined = new Map<string, Piece[]>();
  parameters.forEach(([name, value], index) => {
    const [, base = name, number = '0', star = ''] = CONTINUATION.exec(name) ?? [];
    // Only pieces are joined: the same plain name twice stays two parameters.
    const key = base === name ? String(index) : `*${base.toLowerCase()}`;
    const pieces = joined.get(key) ?? [];
    pieces.push({ base, number: Number(number), extended: star === '*', value });
    joined.set(key, pieces);
  });
  return Array.from(joined.values(), join);
}

interface Piece {
  readonly base: string;
  readonly number: number;
  readonly extended: boolean;
  readonly value: string;
}

/** `name*0`, `name*0*` */
const CONTINUATION = /^(.+?)\*(\d{1,3})(\*?)$/;

function join(pieces: readonly Piece[]): Parameter {
  const sorted = [...pieces].sort((a, b) => a.number - b.number);
  const base = sorted[0]?.base ?? '';
  const extended = sorted.some((piece) => piece.extended);
  if (!extended) return [base, sorted.map((piece) => piece.value).join('')];
  const values = sorted.map((piece) => (piece.extended ? piece.value : escapePercent(piece.value)));
  return [`${base}*`, values.join('')];
}

const escapePercent = (value: string): string =>
  value.replace(
    /[^A-Za-z0-9!#$&+.^_`{|}~-]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
