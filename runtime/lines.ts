/** Puts together what chunks have cut: the lines of a text, without their ends. Empty ones are left out. */
export class Lines {
  readonly #longest: number;
  #rest = '';

  /** @param longest characters of a line without an end, from which on it is none of ours */
  constructor(longest: number) {
    this.#longest = longest;
  }

  /** The lines that end in this chunk. @throws RangeError where one has no end */
  take(chunk: string): readonly string[] {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > this.#longest) throw new RangeError(`a line of more than ${this.#longest} characters`);
    return lines.filter((line) => line !== '');
  }
}
