const SMALLEST = 256;

/** Bytes that arrive in pieces and are wanted in one: doubles its room, so that any number of pieces costs O(bytes). */
export class ByteAccumulator {
  #room: Buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(piece: Buffer): void {
    const needed = this.#length + piece.length;
    if (needed > this.#room.length) {
      const larger = Buffer.allocUnsafe(Math.max(SMALLEST, needed, 2 * this.#room.length));
      this.#room.copy(larger, 0, 0, this.#length);
      this.#room = larger;
    }
    piece.copy(this.#room, this.#length);
    this.#length = needed;
  }

  /** What is held, as a view that the next `append` may leave behind. */
  view(): Buffer {
    return this.#room.subarray(0, this.#length);
  }

  /** Hands over what is held and starts anew. */
  take(): Buffer {
    const bytes = this.view();
    this.clear();
    return bytes;
  }

  clear(): void {
    this.#room = Buffer.alloc(0);
    this.#length = 0;
  }
}
