import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

const CRLF = Buffer.from('\r\n');
const HEAD = Buffer.from('Subject: stream bench\r\nContent-Type: text/plain\r\n\r\n');
const UPLOAD_PIECE = Buffer.alloc(64 * 1024, 'imap stream bench line of some octets\r\n');
/** A tagged response is shorter. */
const TAIL = 1024;

type Waiting = {
  readonly tag: string;
  readonly settle: (line: string) => void;
  readonly fail: (error: Error) => void;
};

/** `secure`: TLS from the first octet, whatever the certificate. */
export type WireEndpoint = { readonly host: string; readonly port: number; readonly secure?: boolean };

/**
 * The least IMAP client that streams: it keeps nothing of what it sends or receives, so that a bench measures the server
 * and not the client's memory. One command at a time.
 */
export class WireClient {
  readonly #socket: Socket;
  #tag = 0;
  #tail: Buffer = Buffer.alloc(0);
  #received = 0;
  #waiting: Waiting | null = null;
  #greeted: (() => void) | null = null;
  #told: (() => void) | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket.on('close', () => this.#waiting?.fail(new Error('the server closed the connection')));
  }

  static async connect({ host, port, secure = false }: WireEndpoint): Promise<WireClient> {
    const client = new WireClient(
      secure ? connectTls({ host, port, rejectUnauthorized: false }) : connect({ host, port }),
    );
    await new Promise<void>((resolve, reject) => {
      client.#greeted = resolve;
      client.#socket.once('error', reject);
      client.#socket.once('close', () => reject(new Error('the server closed the connection without a greeting')));
    });
    return client;
  }

  /** Octets received so far. */
  get received(): number {
    return this.#received;
  }

  /** Sends one command and gives its tagged response. @throws Error unless it is OK */
  async command(text: string): Promise<string> {
    const done = this.#expect();
    this.#socket.write(`${done.tag} ${text}\r\n`);
    return done.answer;
  }

  /** APPEND of a message of `size` octets, streamed as a non-synchronising literal (RFC 7888). */
  async append(mailbox: string, size: number): Promise<string> {
    const done = this.#expect();
    this.#socket.write(`${done.tag} APPEND ${mailbox} {${size}+}\r\n`);
    this.#socket.write(HEAD);
    for (let left = size - HEAD.length; left > 0; left -= UPLOAD_PIECE.length) {
      const room = this.#socket.write(UPLOAD_PIECE.subarray(0, left));
      if (!room) await Promise.race([once(this.#socket, 'drain'), done.answer]);
    }
    this.#socket.write(CRLF);
    return done.answer;
  }

  /** APPEND of all these messages at once (RFC 3502), each with the flags that `flagsOf` gives it: `(\Seen)`. */
  async appendAll(
    mailbox: string,
    messages: readonly Buffer[],
    flagsOf: (message: number) => string = () => '()',
  ): Promise<string> {
    const done = this.#expect();
    const pieces = messages.flatMap((message, i) => [Buffer.from(` ${flagsOf(i)} {${message.length}+}\r\n`), message]);
    this.#socket.write(Buffer.concat([Buffer.from(`${done.tag} APPEND ${mailbox}`), ...pieces, CRLF]));
    return done.answer;
  }

  /** Begins IDLE (RFC 2177); returns once the server listens. What ends it resolves when the command is done. */
  async idle(): Promise<{ done(): Promise<string> }> {
    const { tag, answer } = this.#expect();
    const listening = this.told();
    this.#socket.write(`${tag} IDLE\r\n`);
    await Promise.race([listening, answer]);
    return {
      done: () => {
        this.#socket.write('DONE\r\n');
        return answer;
      },
    };
  }

  /** Resolves with the next octets that the server sends. */
  async told(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#told = resolve;
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #expect(): { readonly tag: string; readonly answer: Promise<string> } {
    if (this.#socket.destroyed) throw new Error('the connection is closed');
    const tag = `w${++this.#tag}`;
    const answer = new Promise<string>((resolve, reject) => {
      const settle = (line: string): void => (/^\S+ OK/.test(line) ? resolve(line) : reject(new Error(line)));
      this.#waiting = { tag, settle, fail: reject };
    });
    // Whoever uploads meets a refusal only when it looks up: until then it must not count as unhandled.
    answer.catch((error: Error) => error);
    return { tag, answer };
  }

  #read(bytes: Buffer): void {
    this.#received += bytes.length;
    if (this.#greeted !== null) {
      this.#greeted();
      this.#greeted = null;
      return;
    }
    this.#told?.();
    this.#told = null;
    this.#settle(bytes);
  }

  /** Only the last line matters: the tagged response always ends the stream. */
  #settle(bytes: Buffer): void {
    this.#tail = bytes.length >= TAIL ? bytes.subarray(-TAIL) : Buffer.concat([this.#tail, bytes]).subarray(-TAIL);
    const waiting = this.#waiting;
    if (waiting === null || !this.#tail.subarray(-2).equals(CRLF)) return;
    const last = this.#tail.toString('latin1').trimEnd().split('\r\n').at(-1) ?? '';
    if (!last.startsWith(`${waiting.tag} `)) return;
    this.#waiting = null;
    this.#tail = Buffer.alloc(0);
    waiting.settle(last);
  }
}
