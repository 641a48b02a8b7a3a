import { endOfComment } from './structured-value.ts';

/** One element of an address field as ENVELOPE shows it (RFC 3501, 7.4.2); latin1, quoting removed, encoded words kept. */
export type Address =
  | {
      readonly kind: 'mailbox';
      readonly name: string | null;
      /** Source route `@a,@b` of RFC 822; null for nearly all. */
      readonly route: string | null;
      readonly mailbox: string;
      readonly host: string;
    }
  | { readonly kind: 'groupStart'; readonly name: string }
  | { readonly kind: 'groupEnd' };

/** NIL would mean a group to a client, so what is missing gets these, as other servers do it. */
const MISSING_MAILBOX = 'MISSING_MAILBOX';
const MISSING_HOST = 'MISSING_DOMAIN';

/** More is a flood, not a list of people. */
const MOST_ADDRESSES = 2000;

interface Token {
  readonly kind: 'word' | 'special';
  readonly text: string;
  /** Blanks or a comment stand before it. */
  readonly apart: boolean;
}

const ATOM = /[^()<>@,;:"[\] \t\r\n]+/y;
const QUOTED = /"([^"\\]*(?:\\.[^"\\]*)*)(?:"|\\?$)/sy;
const DOMAIN_LITERAL = /\[[^\]]*\]?/y;

/** Addresses of a field, by RFC 5322 with its obsolete forms, and what else people send. Never fails. */
export function parseAddresses(text: string): Address[] {
  return new AddressParser(text).parse();
}

class AddressParser {
  readonly #text: string;
  #at = 0;
  readonly #addresses: Address[] = [];
  /** Before the address ends it may prove to be a name, a local part or a group. */
  #pending: Token[] = [];
  #pendingAt = false;
  #comment: string | null = null;
  #inGroup = false;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): Address[] {
    for (let token = this.#token(); token !== null; token = this.#token()) {
      if (this.#addresses.length >= MOST_ADDRESSES) break;
      this.#take(token);
    }
    this.#finish();
    this.#endGroup();
    return this.#addresses;
  }

  #take(token: Token): void {
    const special = token.kind === 'special' ? token.text : '';
    if (special === ',') this.#finish();
    else if (special === ';') {
      this.#finish();
      this.#endGroup();
    } else if (special === '<') this.#angle();
    else if (special === ':' && !this.#inGroup && !this.#pendingAt) this.#startGroup();
    else if (special !== '>') {
      this.#pending.push(token);
      this.#pendingAt ||= special === '@';
    }
  }

  #startGroup(): void {
    this.#addresses.push({ kind: 'groupStart', name: phrase(this.#pending) });
    this.#inGroup = true;
    this.#forget();
  }

  #endGroup(): void {
    if (this.#inGroup) this.#addresses.push({ kind: 'groupEnd' });
    this.#inGroup = false;
  }

  /** `Name <…>`, from behind the `<`. */
  #angle(): void {
    const name = phrase(this.#pending);
    let tokens: Token[] = [];
    let route: string | null = null;
    for (let token = this.#token(); token !== null; token = this.#token()) {
      const special = token.kind === 'special' ? token.text : '';
      if (special === '>') break;
      const inRoute = tokens[0] !== undefined && isAt(tokens[0]);
      if (special === ':' && inRoute) {
        route = spelled(tokens);
        tokens = [];
      } else if (special === ',' && !inRoute) break;
      else tokens.push(token);
    }
    this.#add(tokens, { name: name || this.#comment, route });
  }

  /** A bare address, or words that are none. */
  #finish(): void {
    if (this.#pending.length > 0) this.#add(this.#pending, { name: this.#comment, route: null });
    this.#forget();
  }

  #add(tokens: readonly Token[], known: { name: string | null; route: string | null }): void {
    const at = tokens.findLastIndex(isAt);
    const mailbox = at < 0 ? phrase(tokens) : spelled(tokens.slice(0, at));
    const host = at < 0 ? '' : spelled(tokens.slice(at + 1));
    this.#addresses.push({
      kind: 'mailbox',
      ...known,
      mailbox: mailbox || MISSING_MAILBOX,
      host: host || MISSING_HOST,
    });
    this.#forget();
  }

  #forget(): void {
    this.#pending = [];
    this.#pendingAt = false;
    this.#comment = null;
  }

  #token(): Token | null {
    const from = this.#at;
    this.#skipBlanks();
    const apart = this.#at > from;
    const first = this.#text[this.#at];
    if (first === undefined) return null;
    const quoted = first === '"' ? this.#match(QUOTED) : null;
    if (quoted !== null) return { kind: 'word', text: (quoted[1] ?? '').replace(/\\(.)/gs, '$1'), apart };
    const word = this.#match(first === '[' ? DOMAIN_LITERAL : ATOM);
    if (word !== null) return { kind: 'word', text: word[0], apart };
    this.#at++;
    return { kind: 'special', text: first, apart };
  }

  #skipBlanks(): void {
    for (;;) {
      const character = this.#text[this.#at];
      if (character === '(') this.#readComment();
      else if (character === ' ' || character === '\t' || character === '\r' || character === '\n') this.#at++;
      else return;
    }
  }

  /** `user@host (Name)`: before display names were invented, comments told the name. */
  #readComment(): void {
    const end = endOfComment(this.#text, this.#at);
    const content = this.#text.slice(this.#at + 1, end).replace(/\)$/, '');
    this.#comment = content.replace(/\\(.)/gs, '$1').trim() || null;
    this.#at = end;
  }

  #match(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#text);
    if (found !== null) this.#at = expression.lastIndex;
    return found;
  }
}

const isAt = (token: Token): boolean => token.kind === 'special' && token.text === '@';

/** Words of a name, a blank where blanks were. */
const phrase = (tokens: readonly Token[]): string =>
  tokens.map((token, i) => (token.apart && i > 0 ? ` ${token.text}` : token.text)).join('');

/** Words of an address: blanks in it are obsolete and mean nothing. */
const spelled = (tokens: readonly Token[]): string => tokens.map((token) => token.text).join('');
