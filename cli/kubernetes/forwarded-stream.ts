import { Duplex } from 'node:stream';

/** As much of a WebSocket (package ws, by way of client-node) as is used here. */
export type ForwardSocket = {
  send(data: Buffer, sent: (error?: Error | null) => void): void;
  pause(): void;
  resume(): void;
  terminate(): void;
  on(event: 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
};

/** client-node's WebSocketHandler: `receive` is called for each message, with its channel taken off. */
export type SocketOpener = {
  connect(path: string, text: null, receive: (channel: number, data: Buffer) => boolean): Promise<ForwardSocket>;
};

const DATA = 0;
/** Each channel begins with the number of the port, in two bytes. */
const PORT_BYTES = 2;

/**
 * One TCP connection to a port of a pod, through the API server: port-forward over WebSocket, v4.channel.k8s.io. Channel 0
 * carries the data, channel 1 says in words what went wrong. Unlike client-node's own it holds back whoever is too fast,
 * both ways: a mailbox may be larger than memory.
 */
export class ForwardedStream extends Duplex {
  /** What http.Agent expects of a socket. */
  readonly timeout = 0;
  #socket: ForwardSocket | null = null;
  readonly #unread = [PORT_BYTES, PORT_BYTES];

  private constructor() {
    // When the pod has said all, nobody listens there.
    super({ allowHalfOpen: false });
  }

  /** @param path of the pod's `portforward`, with the port. @throws what the handshake ended with */
  static async open(opener: SocketOpener, path: string): Promise<ForwardedStream> {
    const stream = new ForwardedStream();
    const socket = await opener.connect(path, null, (channel, data) => stream.#receive(channel, data));
    socket.on('close', () => stream.#closed());
    socket.on('error', (error) => stream.destroy(error));
    stream.#socket = socket;
    // It was given up in the meantime.
    if (stream.destroyed) socket.terminate();
    return stream;
  }

  override _read(): void {
    this.#socket?.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const message = Buffer.allocUnsafe(chunk.length + 1);
    message[0] = DATA;
    chunk.copy(message, 1);
    if (this.#socket === null) done(new Error('the connection is not open'));
    else this.#socket.send(message, done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket?.terminate();
    done(error);
  }

  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  #receive(channel: number, data: Buffer): boolean {
    const unread = this.#unread[channel] ?? 0;
    const taken = Math.min(unread, data.length);
    this.#unread[channel] = unread - taken;
    const rest = data.subarray(taken);
    if (rest.length === 0 || this.destroyed) return true;
    if (channel !== DATA) this.destroy(new Error(rest.toString('utf8').trim()));
    else if (!this.push(rest)) this.#socket?.pause();
    return true;
  }

  #closed(): void {
    if (this.destroyed) return;
    this.push(null);
    // Between two requests nobody reads: the end would never be seen, and the stream be taken for the next request.
    if (this.listenerCount('data') === 0) this.resume();
  }
}
