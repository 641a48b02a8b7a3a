import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const CRLF = Buffer.from('\r\n');
const HEAD = Buffer.from('Subject: stream bench\r\nContent-Type: text/plain\r\n\r\n');
const UPLOAD_PIECE = Buffer.alloc(64 * 1024, 'imap stream bench line of some octets\r\n');

type Waiting = {
  readonly tag: string;
  readonly settle: (line: string) => void;
  readonly fail: (error: Error) => void;
};

/**
 * The least IMAP client that streams: it keeps nothing of what it sends or receives, so that a bench measures the server
 * and not the client's memory. Talks to loopback in clear.
 */
export class WireClient {
  readonly #socket: Socket;
  #tag = 0;
  #tail: Buffer = Buffer.alloc(0);
  #received = 0;
  #waiting: Waiting | null = null;
  #greeted: (() => void) | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket.on('close', () => this.#waiting?.fail(new Error('the server closed the connection')));
  }

  static async connect(to: { readonly host: string; readonly port: number }): Promise<WireClient> {
    const client = new WireClient(connect({ host: to.host, port: to.port }));
    await new Promise<void>((resolve, reject) => {
      client.#greeted = resolve;
      client.#socket.once('error', reject);
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

  close(): void {
    this.#socket.destroy();
  }

  #expect(): { readonly tag: string; readonly answer: Promise<string> } {
    const tag = `w${++this.#tag}`;
    const answer = new Promise<string>((resolve, reject) => {
      const settle = (line: string): void => (/^\S+ OK/.test(line) ? resolve(line) : reject(new Error(line)));
      this.#waiting = { tag, settle, fail: reject };
    });
    // Whoever uploads meets a refusal only when it looks up: until then it must not count as unhandled.
    answer.catch((error: Error) => error);
    return { tag, answer };
  }

  /** Only the last line matters: the tagged response always ends the stream. */
  #read(bytes: Buffer): void {
    this.#received += bytes.length;
    if (this.#greeted !== null) {
      this.#greeted();
      this.#greeted = null;
      return;
    }
    this.#tail = Buffer.concat([this.#tail, bytes]).subarray(-1024);
    const waiting = this.#waiting;
    if (waiting === null || !this.#tail.subarray(-2).equals(CRLF)) return;
    const last = this.#tail.toString('latin1').trimEnd().split('\r\n').at(-1) ?? '';
    if (!last.startsWith(`${waiting.tag} `)) return;
    this.#waiting = null;
    this.#tail = Buffer.alloc(0);
    waiting.settle(last);
  }
}
