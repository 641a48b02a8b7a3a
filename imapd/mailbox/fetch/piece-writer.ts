import { ResponseWriter } from '../../protocol/response-writer.ts';

/** Shorter ones are copied: a piece of their own would cost more. */
const OWN_PIECE = 4 * 1024;

/** A place to go back to: as it was when so many pieces were finished, and so many octets of the next one written. */
export type Mark = { readonly pieces: number; readonly octets: number };

/**
 * A writer of responses with content. What is long is not copied: it becomes a piece by itself, so whoever gives it leaves it
 * as it is.
 */
export class PieceWriter extends ResponseWriter {
  #pieces: Buffer[] = [];
  /** Octets of the pieces. */
  #finished = 0;

  override get length(): number {
    return this.#finished + super.length;
  }

  override bytes(octets: Buffer): this {
    if (octets.length < OWN_PIECE) return super.bytes(octets);
    this.#finish();
    this.#add(octets);
    return this;
  }

  mark(): Mark {
    return { pieces: this.#pieces.length, octets: super.length };
  }

  /** Takes back what was written since. */
  backTo({ pieces, octets }: Mark): void {
    if (pieces === this.#pieces.length) {
      this.cutTo(octets);
      return;
    }
    const [begun, ...later] = this.#pieces.splice(pieces);
    this.cutTo(0);
    for (const piece of [begun, ...later]) this.#finished -= piece?.length ?? 0;
    if (begun !== undefined && octets > 0) this.#add(begun.subarray(0, octets));
  }

  /** What was written since the last time, in order; none of it is empty. */
  takePieces(): Buffer[] {
    this.#finish();
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#finished = 0;
    return pieces;
  }

  #finish(): void {
    if (super.length > 0) this.#add(this.take());
  }

  #add(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#finished += piece.length;
  }
}
