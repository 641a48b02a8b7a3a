const MAX_LINE = 2000;

/** The last lines a server wrote, cut out of its chunks of output. */
export class LogTail {
  readonly #limit: number;
  readonly #onLine: (line: string) => void;
  #lines: string[] = [];
  #rest = '';

  constructor(limit: number, onLine: (line: string) => void) {
    this.#limit = limit;
    this.#onLine = onLine;
  }

  get lines(): readonly string[] {
    return this.#rest === '' ? this.#lines : [...this.#lines, this.#rest];
  }

  push(chunk: string): void {
    const parts = `${this.#rest}${chunk}`.split('\n');
    this.#rest = (parts.pop() ?? '').slice(0, MAX_LINE);
    for (const part of parts) {
      const line = part.slice(0, MAX_LINE);
      this.#lines = [...this.#lines.slice(1 - this.#limit), line];
      this.#onLine(line);
    }
  }
}
