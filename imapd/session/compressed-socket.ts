import { Duplex } from 'node:stream';
import { constants, createDeflateRaw, createInflateRaw } from 'node:zlib';

const KiB = 1024;
const { Z_SYNC_FLUSH } = constants;

/**
 * A compressor takes 2^(windowBits + 2) + 2^(memLevel + 9) octets: 64 KiB, where zlib's own choice takes 256 for some percent
 * less on the line. `level`: IMAP repeats itself, so that little effort finds most of it (RFC 4978, 4).
 */
const COMPRESSOR = { windowBits: 13, memLevel: 6, level: 3, chunkSize: 8 * KiB, finishFlush: Z_SYNC_FLUSH };
/** Clients may look back as far as DEFLATE allows: 32 KiB, and some for tables. */
const DECOMPRESSOR = { windowBits: 15, chunkSize: 16 * KiB, finishFlush: Z_SYNC_FLUSH };

/**
 * A socket whose octets are compressed by DEFLATE on the wire, both ways (RFC 4978), in bounded memory: input is inflated
 * only as fast as it is read, however much comes of it, and output is held back while the client does not read. What is
 * written in one turn of the event loop is compressed together and flushed, so that no answer waits for another.
 */
export class CompressedSocket extends Duplex {
  readonly #socket: Duplex;
  readonly #deflate = createDeflateRaw(COMPRESSOR);
  readonly #inflate = createInflateRaw(DECOMPRESSOR);
  #garbled = false;
  #inputEnded = false;

  constructor(socket: Duplex) {
    // It lives as long as the socket: closing before the client has, the last words could be lost to a reset.
    super({ autoDestroy: false });
    this.#socket = socket;
    this.#inflate.on('data', (octets: Buffer) => {
      if (!this.push(octets)) this.#inflate.pause();
    });
    this.#inflate.on('end', () => this.#endInput());
    this.#inflate.on('error', () => this.#giveUpInput());
    this.#deflate.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
    this.#deflate.pipe(socket);
    socket.pipe(this.#inflate);
  }

  /** What came was not compressed, or not by DEFLATE; the input has ended there. */
  get garbled(): boolean {
    return this.#garbled;
  }

  override _read(): void {
    this.#inflate.resume();
  }

  override _write(octets: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#deflate.write(octets);
    this.#deflate.flush(Z_SYNC_FLUSH, done);
  }

  override _writev(pieces: readonly { readonly chunk: Buffer }[], done: (error?: Error | null) => void): void {
    for (const { chunk } of pieces) this.#deflate.write(chunk);
    this.#deflate.flush(Z_SYNC_FLUSH, done);
  }

  /** The last octets have left once the socket has sent its own end. */
  override _final(done: (error?: Error | null) => void): void {
    this.#socket.once('finish', done);
    this.#deflate.end();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#inflate.destroy();
    this.#deflate.destroy();
    this.#socket.destroy();
    done(error);
  }

  /** There is no way to find where a command begins again. */
  #giveUpInput(): void {
    this.#garbled = true;
    this.#endInput();
  }

  #endInput(): void {
    if (this.#inputEnded) return;
    this.#inputEnded = true;
    // What comes behind is read all the same: unread, it would cut off our last words.
    this.#socket.unpipe(this.#inflate).resume();
    this.push(null);
  }
}
