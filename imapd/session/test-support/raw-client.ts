import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { constants, createDeflateRaw, createInflateRaw, type DeflateRaw } from 'node:zlib';

/** Longer than any server under test needs: a test that waits so long has failed. */
const PATIENCE_MS = 20_000;

type TlsVersion = 'TLSv1.2' | 'TLSv1.3';
/** `session`: one of before that the client would resume. */
type OwnTls = { readonly cert?: string; readonly key?: string; readonly session?: Buffer | undefined };

/**
 * A client without manners: sends any octets, reads lines as they are. Everything is latin1, so that a character is an
 * octet.
 */
export class RawClient {
  #socket: Socket;
  #deflate: DeflateRaw | null = null;
  #unlisten: () => void = () => undefined;
  #buffer = '';
  #ended = false;
  #wake: (() => void) | null = null;
  #tlsSession: Buffer | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen(socket);
  }

  static async connect(port: number, host = '127.0.0.1'): Promise<RawClient> {
    const socket = connect({ port, host, noDelay: true });
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** Connects and reads the greeting. */
  static async greeted(port: number): Promise<RawClient> {
    const client = await RawClient.connect(port);
    await client.readLine();
    return client;
  }

  /** The server has closed its side, or the connection is gone. */
  get ended(): boolean {
    return this.#ended;
  }

  /** What has arrived and was not read. */
  get pending(): string {
    return this.#buffer;
  }

  /** What the client talks through: after `startTls` a TLSSocket. */
  get socket(): Socket {
    return this.#socket;
  }

  /** The TLS session that another connection may resume; under TLS 1.3 it comes after the handshake. */
  get tlsSession(): Buffer | null {
    return this.#tlsSession;
  }

  /** The same TLS session goes on: the handshake was a short one. */
  get resumed(): boolean {
    return this.#socket instanceof TLSSocket && this.#socket.isSessionReused();
  }

  /** Octets that neither the server nor the kernel has taken yet. */
  get unsent(): number {
    return this.#socket.writableLength;
  }

  send(octets: string | Buffer): void {
    const bytes = typeof octets === 'string' ? Buffer.from(octets, 'latin1') : octets;
    (this.#deflate ?? this.#socket).write(bytes);
    this.#deflate?.flush();
  }

  /** Past the compressor, if there is one. */
  sendRaw(octets: Buffer): void {
    this.#socket.write(octets);
  }

  /** Sends, and waits until the kernel has taken everything. */
  async sendAll(octets: Buffer): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#socket.write(octets, () => resolve());
    await promise;
  }

  /** The next line without its CRLF; null where the server has closed. */
  async readLine(): Promise<string | null> {
    for (;;) {
      const end = this.#buffer.indexOf('\r\n');
      if (end >= 0) {
        const line = this.#buffer.slice(0, end);
        this.#buffer = this.#buffer.slice(end + 2);
        return line;
      }
      if (this.#ended) return null;
      await this.#more();
    }
  }

  /** Sends a command and gives every line up to its tagged response. */
  async command(line: string): Promise<string[]> {
    this.send(`${line}\r\n`);
    return this.readTagged(line.split(' ')[0] ?? '');
  }

  /** Lines up to the response with this tag; or up to the end of the connection. */
  async readTagged(tag: string): Promise<string[]> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.readLine();
      if (line === null) return lines;
      lines.push(line);
      if (line.startsWith(`${tag} `)) return lines;
    }
  }

  /** Every line until the server closes. */
  async readToEnd(): Promise<string[]> {
    const lines: string[] = [];
    for (let line = await this.readLine(); line !== null; line = await this.readLine()) lines.push(line);
    return lines;
  }

  /** `own`: shown where the server asks for a certificate. */
  async startTls(certificate: string, maxVersion: TlsVersion = 'TLSv1.3', own: OwnTls = {}): Promise<void> {
    const plain = this.#socket;
    plain.removeAllListeners();
    const secure = connectTls({ socket: plain, ca: certificate, host: 'localhost', maxVersion, ...own });
    this.#socket = secure;
    secure.on('session', (session: Buffer) => {
      this.#tlsSession = session;
    });
    this.#listen(secure);
    await once(secure, 'secureConnect');
  }

  /** Compresses from here on, both ways, as zlib does it where nothing is said. */
  compress(): void {
    const socket = this.#socket;
    const inflate = createInflateRaw({ finishFlush: constants.Z_SYNC_FLUSH });
    this.#unlisten();
    this.#listen(inflate);
    this.#deflate = createDeflateRaw();
    this.#deflate.pipe(socket);
    socket.pipe(inflate);
    socket.on('close', () => inflate.writableEnded || inflate.destroy());
  }

  /** Stops reading: the kernel's buffers fill up. */
  stopReading(): void {
    this.#socket.pause();
  }

  /** Reads again. */
  goOnReading(): void {
    this.#socket.resume();
  }

  /** Closes the sending half only. */
  half(): void {
    this.#socket.end();
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Ends the connection with a reset, as a crashed machine's router does. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  #listen(source: Readable): void {
    const taken = (chunk: Buffer): void => this.#take(chunk);
    const ended = (): void => {
      this.#ended = true;
      this.#wake?.();
    };
    source.on('data', taken).on('end', ended).on('close', ended).on('error', ended);
    this.#unlisten = () => source.off('data', taken).off('end', ended).off('close', ended);
  }

  #take(chunk: Buffer): void {
    this.#buffer += chunk.toString('latin1');
    this.#wake?.();
  }

  async #more(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(
      () => reject(new Error(`no answer; so far: ${JSON.stringify(this.#buffer)}`)),
      PATIENCE_MS,
    );
    this.#wake = resolve;
    await promise;
    clearTimeout(timer);
    this.#wake = null;
  }
}
