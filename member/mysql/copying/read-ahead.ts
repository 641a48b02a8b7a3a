import type { Readable } from 'node:stream';

const AHEAD_OCTETS = 1_048_576;
/** What is written while commits are held is some seconds of the log, and small tables. */
const HELD_OCTETS = 134_217_728;

/**
 * The output of a program, which is made to wait where nobody takes it; but not from `hold` on, when others wait for the program: then
 * all of it is taken at once, whoever takes it here and however slowly.
 */
export class ReadAhead {
  readonly #source: Readable;
  readonly #waiting: Buffer[] = [];
  #octets = 0;
  #held = false;
  #failure: Error | null = null;
  #ended = false;
  #wake: () => void = () => undefined;

  constructor(source: Readable) {
    this.#source = source;
    source.on('data', (piece: Buffer) => this.#take(piece));
    source.once('error', (error) => this.#fail(error));
    source.once('close', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  /** From now on nothing is left to wait in the program. */
  hold(): void {
    this.#held = true;
    this.#source.resume();
  }

  /** @throws where it holds more than there can be of it */
  async *pieces(): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        const { promise: more, resolve } = Promise.withResolvers<void>();
        this.#wake = resolve;
        for (let piece = this.#next(); piece !== undefined; piece = this.#next()) yield piece;
        if (this.#failure !== null) throw this.#failure;
        if (this.#ended) return;
        if (this.#waiting.length === 0) await more;
      }
    } finally {
      // What nobody takes any more would keep it from ever being closed.
      this.#source.destroy();
    }
  }

  #next(): Buffer | undefined {
    const piece = this.#waiting.shift();
    this.#octets -= piece?.length ?? 0;
    if (this.#octets < AHEAD_OCTETS) this.#source.resume();
    return piece;
  }

  #take(piece: Buffer): void {
    this.#waiting.push(piece);
    this.#octets += piece.length;
    if (this.#octets >= AHEAD_OCTETS && !this.#held) this.#source.pause();
    if (this.#octets >= HELD_OCTETS) this.#fail(new Error('what was written while commits were held is not taken'));
    this.#wake();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#source.destroy();
    this.#wake();
  }
}
