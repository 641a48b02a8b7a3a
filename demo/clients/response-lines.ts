import { createInflateRaw, type InflateRaw } from 'node:zlib';

/** A literal behind this: octets that are no lines. */
const LITERAL = /\{(\d+)\}\r?\n$/;

/**
 * What a server sends, response by response: each is told by its first line, without CRLF. Behind COMPRESS (RFC 4978) it is
 * inflated first, and told a moment after it has arrived.
 */
export class ResponseLines {
  readonly #told: (line: string) => void;
  #inflate: InflateRaw | null = null;
  /** The first line of the response that has begun. */
  #first: string | null = null;
  #partial = '';
  #literal = 0;

  constructor(told: (line: string) => void) {
    this.#told = told;
  }

  /** As it arrives. */
  push(octets: Buffer): void {
    if (this.#inflate === null) this.#split(octets);
    else this.#inflate.write(octets);
  }

  /** From the end of the line that is just being told, all is compressed. */
  compress(): void {
    this.#inflate = createInflateRaw();
    // What is cut off ends the session, and is seen there.
    this.#inflate.on('data', (octets: Buffer) => this.#split(octets)).on('error', () => undefined);
  }

  #split(octets: Buffer): void {
    const compressedBefore = this.#inflate !== null;
    let at = 0;
    while (at < octets.length) {
      at = this.#literal > 0 ? this.#skip(octets, at) : this.#take(octets, at);
      if (this.#inflate === null || compressedBefore) continue;
      this.#inflate.write(octets.subarray(at));
      return;
    }
  }

  #skip(octets: Buffer, at: number): number {
    const skipped = Math.min(this.#literal, octets.length - at);
    this.#literal -= skipped;
    return at + skipped;
  }

  #take(octets: Buffer, at: number): number {
    const end = octets.indexOf('\n', at) + 1;
    const next = end === 0 ? octets.length : end;
    this.#partial += octets.toString('latin1', at, next);
    if (end > 0) this.#lineEnds();
    return next;
  }

  #lineEnds(): void {
    const line = this.#partial;
    this.#partial = '';
    const [, literal] = LITERAL.exec(line) ?? [];
    const first = this.#first ?? line.trimEnd();
    this.#literal = Number(literal ?? 0);
    this.#first = literal === undefined ? null : first;
    if (literal === undefined) this.#told(first);
  }
}
