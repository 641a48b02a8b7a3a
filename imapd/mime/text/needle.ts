import { casemapped } from './unicode-casemap.ts';

/**
 * Text as SEARCH compares it: by i;unicode-casemap (RFC 5255, 4.3), that is, without regard to case (RFC 3501, 6.4.4), nor to
 * how accented letters are composed. Both what is sought and where it is sought must pass through here.
 */
export const foldText = casemapped;

/** Seeks one string in text that arrives in pieces, also across their borders. The empty string is in every text. */
export class Needle {
  readonly #sought: string;
  /** End of the text so far, one character shorter than what is sought. */
  #tail = '';
  #found: boolean;

  constructor(sought: string) {
    this.#sought = foldText(sought);
    this.#found = this.#sought === '';
  }

  get found(): boolean {
    return this.#found;
  }

  /** `folded`: a piece of text that has passed through `foldText`. */
  write(folded: string): void {
    if (this.#found) return;
    const text = this.#tail + folded;
    this.#found = text.includes(this.#sought);
    this.#tail = this.#sought.length > 1 ? text.slice(1 - this.#sought.length) : '';
  }

  /** The text ends; another follows, and nothing is found across their border. */
  endText(): void {
    this.#tail = '';
  }
}
