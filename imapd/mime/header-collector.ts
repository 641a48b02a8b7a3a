import type { Line } from './line-scanner.ts';

const [SPACE, TAB, COLON] = [0x20, 0x09, 0x3a];

/** Fields that BODYSTRUCTURE speaks of. */
export const CONTENT_FIELDS: ReadonlySet<string> = new Set([
  'content-type',
  'content-transfer-encoding',
  'content-id',
  'content-description',
  'content-md5',
  'content-disposition',
  'content-language',
  'content-location',
]);

/** Those, and what ENVELOPE is made of. */
export const MESSAGE_FIELDS: ReadonlySet<string> = new Set([
  ...CONTENT_FIELDS,
  'date',
  'subject',
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'bcc',
  'in-reply-to',
  'message-id',
]);

/** Values by lower-case name, unfolded and trimmed, latin1; several where the field is repeated. */
export type Fields = ReadonlyMap<string, readonly string[]>;

/** Octets of fields that may still be remembered, over all parts of a message. */
export interface FieldBudget {
  left: number;
}

/** Collects the wanted fields of one header from its lines. */
export class HeaderCollector {
  readonly #wanted: ReadonlySet<string>;
  readonly #budget: FieldBudget;
  readonly #fields = new Map<string, string[]>();
  /** The field that a folded line continues: null where it is not wanted. */
  #name: string | null = null;
  #pieces: string[] = [];

  constructor(wanted: ReadonlySet<string>, budget: FieldBudget) {
    this.#wanted = wanted;
    this.#budget = budget;
  }

  /** A line of the header that is not empty. */
  add(line: Line): void {
    const first = line.bytes[line.from];
    if (first === SPACE || first === TAB) this.#keep(line.bytes, line.from, line.to);
    else this.#begin(line);
  }

  fields(): Fields {
    this.#finish();
    return this.#fields;
  }

  #begin(line: Line): void {
    this.#finish();
    const colon = colonIn(line);
    if (colon < 0) return;
    // RFC 5322, 4.5.3: blanks before the colon are obsolete, not wrong.
    const name = line.bytes.toString('latin1', line.from, colon).trimEnd().toLowerCase();
    if (!this.#wanted.has(name)) return;
    this.#name = name;
    this.#keep(line.bytes, colon + 1, line.to);
  }

  #keep(bytes: Buffer, from: number, to: number): void {
    if (this.#name === null) return;
    const kept = Math.min(to - from, this.#budget.left);
    this.#budget.left -= kept;
    if (kept > 0) this.#pieces.push(bytes.toString('latin1', from, from + kept));
  }

  #finish(): void {
    if (this.#name !== null) {
      const values = this.#fields.get(this.#name) ?? [];
      // NUL is in no string of IMAP (RFC 3501, 9: CHAR8), so no client could be told of it.
      values.push(this.#pieces.join('').replaceAll('\0', '').trim());
      this.#fields.set(this.#name, values);
    }
    this.#name = null;
    this.#pieces = [];
  }
}

/** Longest name of `MESSAGE_FIELDS`, and some blanks. */
const MOST_NAME = 64;

/** Never looks beyond the line: a header without any colon would else cost its length for each of its lines. */
function colonIn({ bytes, from, to }: Line): number {
  const end = Math.min(to, from + MOST_NAME);
  for (let at = from; at < end; at++) if (bytes[at] === COLON) return at;
  return -1;
}
