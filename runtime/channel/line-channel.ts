import type { Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { Lines } from '../lines.ts';

/** More than any line that our programs send each other. */
const LONGEST_LINE = 4 * 1024 * 1024;
/** Whoever reads so far behind is gone or hangs. */
const MAX_BACKLOG = 1024 * 1024;

/** Hands on all that is read from now on, chunk by chunk. */
export type Chunks = (take: (chunk: Buffer) => void) => void;

/** One end of a connection that was upgraded to lines (`contract/channel.ts`). */
export class LineChannel {
  readonly #socket: Socket;
  readonly #chunks: Chunks;

  /** @param head what came with the end of the upgrade already @param chunks where the socket is not read as a stream */
  constructor(socket: Socket, head: Buffer, chunks: Chunks = (take) => socket.on('data', take)) {
    this.#socket = socket;
    this.#chunks = chunks;
    // Whoever reads is told of it; until somebody does, it must not end the process.
    socket.on('error', () => undefined);
    socket.setTimeout(0);
    socket.setNoDelay(true);
    if (head.length > 0) socket.unshift(head);
  }

  /** @param line without its end. Closes the channel where the other side has left a mebibyte of lines unread. */
  send(line: string): void {
    if (this.#socket.writableLength > MAX_BACKLOG) this.close(new Error('the other side does not read'));
    else this.#socket.write(`${line}\n`);
  }

  /**
   * Hands on each line as it comes; to be called once. Returns when the other side has ended the channel; a last line that was cut
   * off is none. @throws RangeError for a line of more than `longest` characters · what `take` throws, either of which closes the
   * channel · the error of the socket · Error where this side has closed it
   */
  async read(take: (line: string) => void, longest = LONGEST_LINE): Promise<void> {
    const socket = this.#socket;
    if (socket.destroyed) throw socket.errored ?? CLOSED;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const lines = new Lines(longest);
    // Not `setEncoding`: sockets of an HTTP server have none.
    const characters = new StringDecoder('utf8');
    // One direction alone is of no use to anybody.
    socket.once('end', () => {
      resolve();
      socket.destroy();
    });
    socket.once('error', reject).once('close', () => reject(CLOSED));
    this.#chunks((chunk) => {
      try {
        for (const line of lines.take(characters.write(chunk))) if (!socket.destroyed) take(line);
      } catch (error) {
        socket.destroy(error as Error);
      }
    });
    await promise;
  }

  /** At once: what was not sent by now is not sent any more. @param why told to whoever reads on this side */
  close(why?: Error): void {
    this.#socket.destroy(why);
  }

  get isClosed(): boolean {
    return this.#socket.destroyed;
  }

  onClosed(listener: () => void): void {
    if (this.#socket.closed) listener();
    else this.#socket.once('close', listener);
  }
}

const CLOSED = new Error('the channel was closed on this side');
