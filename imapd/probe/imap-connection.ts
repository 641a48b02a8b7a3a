import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';

export type ConnectionTarget = { readonly host: string; readonly port: number; readonly signal: AbortSignal };

/** A server that says more than this without the end of a line is no IMAP server. */
const LONGEST_LINE = 64 * 1024;

/**
 * The client's side of IMAP, as far as signing in takes it: one command at a time, literals only from here to there.
 * Whatever goes wrong on the way (network, certificate, deadline) is thrown by what waits for a line.
 */
export class ImapConnection {
  readonly #signal: AbortSignal;
  #socket: Socket | TLSSocket;
  #lines: string[] = [];
  #rest = '';
  #ended: Error | null = null;
  #wake: () => void = () => undefined;
  #tags = 0;

  private constructor(socket: Socket | TLSSocket, signal: AbortSignal) {
    this.#socket = socket;
    this.#signal = signal;
    this.#listen(socket);
  }

  /** With TLS from the start where options for it are given. @throws Error of the network or of the certificate */
  static async open({ host, port, signal }: ConnectionTarget, tls: ConnectionOptions | null): Promise<ImapConnection> {
    const socket = tls === null ? connect({ host, port }) : connectTls({ ...tls, host, port });
    const connection = new ImapConnection(socket, signal);
    try {
      await connection.#until(tls === null ? 'connect' : 'secureConnect');
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** The first line of the server. @throws Error where it turns us away */
  async greeting(): Promise<string> {
    const line = await this.#line();
    if (!/^\* (OK|PREAUTH)\b/i.test(line)) throw new Error(`the server greets with: ${line}`);
    return line;
  }

  /** Untagged lines of the answer. Each further part is sent as a literal. @throws Error with the answer if it is not OK */
  async command(name: string, ...literals: readonly string[]): Promise<readonly string[]> {
    this.#tags += 1;
    const tag = `p${this.#tags}`;
    let text = `${tag} ${name}`;
    for (const literal of literals) {
      this.#socket.write(`${text} {${Buffer.byteLength(literal)}}\r\n`);
      const line = await this.#line();
      // Refused before the literal was sent: an answer in the middle of a command.
      if (!line.startsWith('+')) throw new Error(`${name}: ${line.replace(`${tag} `, '')}`);
      text = literal;
    }
    this.#socket.write(`${text}\r\n`);
    return await this.#answer(tag, name);
  }

  /** What came before it in clear text, and was not asked for, counts for nothing (RFC 9051, section 6.2.1). */
  async startTls(options: ConnectionOptions): Promise<void> {
    await this.command('STARTTLS');
    this.#socket.removeAllListeners('data');
    this.#lines = [];
    this.#rest = '';
    this.#socket = connectTls({ ...options, socket: this.#socket });
    this.#listen(this.#socket);
    await this.#until('secureConnect');
  }

  close(): void {
    this.#socket.destroy();
  }

  #listen(socket: Socket | TLSSocket): void {
    socket.on('error', (error) => this.#end(error));
    socket.on('close', () => this.#end(new Error('the server closed the connection')));
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
  }

  #take(chunk: Buffer): void {
    const lines = (this.#rest + chunk.toString('latin1')).split('\r\n');
    this.#rest = lines.pop() ?? '';
    this.#lines.push(...lines);
    if (this.#rest.length > LONGEST_LINE) this.#end(new Error('the server sends a line without an end'));
    this.#wake();
  }

  #end(error: Error): void {
    this.#ended ??= error;
    this.#wake();
  }

  async #until(event: 'connect' | 'secureConnect'): Promise<void> {
    await once(this.#socket, event, { signal: this.#signal });
  }

  async #answer(tag: string, name: string): Promise<readonly string[]> {
    const untagged: string[] = [];
    for (;;) {
      const line = await this.#line();
      if (!line.startsWith(`${tag} `)) untagged.push(line);
      else if (/^\S+ OK\b/i.test(line)) return untagged;
      else throw new Error(`${name}: ${line.slice(tag.length + 1)}`);
    }
  }

  async #line(): Promise<string> {
    for (;;) {
      const line = this.#lines.shift();
      if (line !== undefined) return line;
      if (this.#ended !== null) throw this.#ended;
      this.#signal.throwIfAborted();
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      this.#signal.addEventListener('abort', () => resolve(), { once: true });
      await promise;
    }
  }
}
