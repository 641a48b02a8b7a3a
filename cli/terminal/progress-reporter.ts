import { progressLine } from '../import/progress-bar.ts';
import type { ImportCounts } from '../import/run-import.ts';

const REFRESH_MS = 100;
/** Of a terminal that does not tell its own. */
const WIDTH = 80;
const CLEAR_LINE = '\r\u001b[K';

/** Draws the progress of an import over and over on one line of a terminal; elsewhere it says nothing. */
export class ProgressReporter {
  readonly #total: number;
  readonly #stream: NodeJS.WriteStream;
  readonly #startedAt = performance.now();
  #drawnAt = Number.NEGATIVE_INFINITY;

  constructor(total: number, stream: NodeJS.WriteStream) {
    this.#total = total;
    this.#stream = stream;
  }

  update({ bytes, stored, repeated }: ImportCounts): void {
    const now = performance.now();
    if (!this.#stream.isTTY || now - this.#drawnAt < REFRESH_MS) return;
    this.#drawnAt = now;
    const progress = { done: bytes, total: this.#total, messages: stored + repeated, seconds: this.seconds };
    this.#stream.write(CLEAR_LINE + progressLine(progress).slice(0, (this.#stream.columns || WIDTH) - 1));
  }

  clear(): void {
    if (this.#stream.isTTY) this.#stream.write(CLEAR_LINE);
  }

  get seconds(): number {
    return (performance.now() - this.#startedAt) / 1_000;
  }
}
