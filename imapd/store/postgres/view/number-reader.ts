const ZERO = 48;
const NINE = 57;

/**
 * Reads an array as PostgreSQL writes it, `{1,2,3}`, into a typed array, digit by digit: no number becomes a string of its
 * own. The text may come in pieces, cut anywhere.
 */
export class NumberReader {
  readonly #into: Uint32Array | Float64Array;
  #index = 0;
  /** The number under way; −1 between two numbers. */
  #value = -1;

  #octets = 0;

  constructor(into: Uint32Array | Float64Array) {
    this.#into = into;
  }

  /** Length of what was read so far. */
  get octets(): number {
    return this.#octets;
  }

  read(text: string): void {
    this.#octets += text.length;
    const into = this.#into;
    let index = this.#index;
    let value = this.#value;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code >= ZERO && code <= NINE) value = (value < 0 ? 0 : value * 10) + (code - ZERO);
      else if (value >= 0) {
        into[index++] = value;
        value = -1;
      }
    }
    this.#index = index;
    this.#value = value;
  }

  /** @throws RangeError where text and array differ in length: half a mailbox must never pass for a whole one */
  end(): void {
    if (this.#index !== this.#into.length || this.#value >= 0) {
      throw new RangeError(`${this.#index} numbers where ${this.#into.length} were announced`);
    }
  }
}
