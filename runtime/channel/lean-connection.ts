import { connect, type Socket } from 'node:net';

const BUFFER_OCTETS = 64 * 1024;
/** What is read is made into strings before anybody reads again: one for all connections. */
const buffer = Buffer.allocUnsafeSlow(BUFFER_OCTETS);

/**
 * A connection whose chunks are handed on as they lie in one buffer, with no buffer made for each and none of what a stream does
 * for its readers. Where thousands of short lines a second are read that was half of what reading them took.
 */
export class LeanConnection {
  readonly socket: Socket;
  #take: ((chunk: Buffer) => void) | null = null;
  #left: Buffer = Buffer.alloc(0);

  constructor(host: string, port: number) {
    const onread = { buffer, callback: (octets: number) => this.#read(buffer.subarray(0, octets)) };
    this.socket = connect({ host, port, onread });
  }

  /**
   * From now on each chunk is handed to `take`, which may keep nothing of it, nor throw. What comes while there is nobody waits:
   * a chunk of it here, the rest with whoever sends. null: nobody
   */
  onChunk(take: ((chunk: Buffer) => void) | null): void {
    this.#take = take;
    if (take === null) return;
    const left = this.#left;
    this.#left = Buffer.alloc(0);
    if (left.length > 0) take(left);
    this.socket.resume();
  }

  /** Comes first when somebody takes chunks again. */
  putBack(chunk: Buffer): void {
    this.#left = Buffer.concat([chunk, this.#left]);
  }

  /** Whether to go on reading. */
  #read(chunk: Buffer): boolean {
    if (this.#take !== null) this.#take(chunk);
    else this.#left = Buffer.concat([this.#left, chunk]);
    return this.#take !== null;
  }
}
