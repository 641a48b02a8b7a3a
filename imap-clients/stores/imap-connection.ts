import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A response: its text without literals, and those. */
export type Response = { readonly text: string; readonly literals: readonly Buffer[] };

/** Longer than any failover. */
const PATIENCE_MS = 60_000;
const LITERAL = /\{(\d+)\}$/;

/**
 * IMAP as plainly as it goes, over clear text on this machine: what the programs under test say and cache is held against it,
 * so it shares no code with any of them.
 */
export class ImapConnection {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #ended = false;
  #wake: () => void = () => undefined;
  #tag = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#wake();
    });
    const end = (): void => {
      this.#ended = true;
      this.#wake();
    };
    socket.on('close', end).on('error', end);
  }

  /** Connects and signs in. */
  static async open(port: number, user: string, password: string): Promise<ImapConnection> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    await once(socket, 'connect');
    const connection = new ImapConnection(socket);
    await connection.#response();
    await connection.command(`LOGIN ${user} ${password}`);
    return connection;
  }

  /**
   * Untagged responses of one command. `parts` follow one another; a Buffer is sent as a literal.
   * @throws Error where the answer is not OK, or there is none
   */
  async command(...parts: readonly (string | Buffer)[]): Promise<readonly Response[]> {
    this.#tag += 1;
    const tag = `p${this.#tag}`;
    const octets = parts.map((part) =>
      typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.concat([literalHead(part), part]),
    );
    this.#socket.write(Buffer.concat([Buffer.from(`${tag} `), ...octets, Buffer.from('\r\n')]));
    const untagged: Response[] = [];
    for (;;) {
      const response = await this.#response();
      if (!response.text.startsWith(`${tag} `)) {
        untagged.push(response);
        continue;
      }
      if (!response.text.startsWith(`${tag} OK`)) throw new Error(`${String(parts[0])}: ${response.text}`);
      return untagged;
    }
  }

  async close(): Promise<void> {
    if (!this.#ended) await this.command('LOGOUT');
    this.#socket.destroy();
  }

  async #response(): Promise<Response> {
    const literals: Buffer[] = [];
    let text = '';
    for (;;) {
      text += (await this.#line()).toString('latin1');
      const size = LITERAL.exec(text)?.[1];
      if (size === undefined) return { text, literals };
      literals.push(await this.#take(Number(size)));
    }
  }

  async #line(): Promise<Buffer> {
    for (;;) {
      const octets = this.#joined();
      const end = octets.indexOf('\r\n');
      if (end >= 0) {
        this.#chunks = [octets.subarray(end + 2)];
        return octets.subarray(0, end);
      }
      await this.#more();
    }
  }

  async #take(size: number): Promise<Buffer> {
    // Joined once they are enough: a message comes in many pieces.
    while (this.#chunks.reduce((sum, { length }) => sum + length, 0) < size) await this.#more();
    const octets = this.#joined();
    this.#chunks = [octets.subarray(size)];
    return octets.subarray(0, size);
  }

  #joined(): Buffer {
    const [first] = this.#chunks;
    if (this.#chunks.length === 1 && first !== undefined) return first;
    const octets = Buffer.concat(this.#chunks);
    this.#chunks = [octets];
    return octets;
  }

  async #more(): Promise<void> {
    if (this.#ended) throw new Error('the server has closed the connection');
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS} ms`)), PATIENCE_MS);
    this.#wake = resolve;
    try {
      await promise;
    } finally {
      clearTimeout(timer);
    }
  }
}

const literalHead = ({ length }: Buffer): Buffer => Buffer.from(`{${length}+}\r\n`);
