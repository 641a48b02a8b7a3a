import { channel } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { canBind } from './channel-binding.ts';
import { clientCertificate } from './client-certificate.ts';
import { CompressedSocket } from './compressed-socket.ts';
import { ConnectionClosed, type Output } from './output.ts';
import type { Secured } from './session.ts';
import type { TlsIdentity } from './tls-identity.ts';

/** For who looks on without being asked: what is sent, before TLS and compression. The tests check its grammar. */
const sent = channel('imapcluster.imapd.sent');

/** What the channel `imapcluster.imapd.sent` tells. */
export type SentOctets = { readonly connection: Connection; readonly octets: Buffer | string };

export type ConnectionOptions = {
  /** A client that does not take a full output buffer in this time is cut off. */
  readonly stalledMs: number;
  /** How long `end` waits for the client to read the last words. */
  readonly lingerMs: number;
};

/**
 * One client's TCP connection, in clear or under TLS, compressed or not, as a pair of bounded pipes: octets are read only
 * when asked for, and writers wait while the client does not read. Node's high-water mark (64 KiB) bounds both what is read
 * ahead and what waits to be sent, beside the one piece that is just being handed over.
 */
export class Connection implements Output {
  readonly #options: ConnectionOptions;
  readonly #tcp: Socket;
  #socket: Duplex;
  #compressed: CompressedSocket | null = null;
  readonly #closed = new AbortController();
  #ended = false;
  #tooSlow = false;
  #interrupted = false;
  #wakeReader: (() => void) | null = null;
  #drained: PromiseWithResolvers<void> | null = null;
  #corked = false;
  #inPart = false;
  /** What is to be said once the response has ended that is being written. */
  #posted = '';
  #ending = false;
  #tls: TLSSocket | null = null;
  #detach: () => void;
  readonly #wake = (): void => {
    this.#wakeReader?.();
    this.#wakeReader = null;
  };
  readonly #drain = (): void => {
    this.#drained?.resolve();
    this.#drained = null;
  };

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#options = options;
    this.#tcp = socket;
    this.#socket = socket;
    this.#detach = this.#attach(socket);
  }

  /** Octets that the kernel has handed over, whatever they are under TLS and compression. */
  get octetsArrived(): number {
    return this.#tcp.bytesRead;
  }

  /** The TLS under the connection; null in clear text. */
  get tls(): TLSSocket | null {
    return this.#tls;
  }

  /** Fires when the connection is gone, for whatever reason. */
  get signal(): AbortSignal {
    return this.#closed.signal;
  }

  /** Closed by us, because the client did not read. */
  get tooSlow(): boolean {
    return this.#tooSlow;
  }

  /** What the client sent could not be inflated: there is no more to be read. */
  get garbled(): boolean {
    return this.#compressed?.garbled === true;
  }

  /** A response has begun and not ended: whatever is written next belongs to it. */
  get midResponse(): boolean {
    return this.#inPart;
  }

  /**
   * The next octets; null when there will be none: the client has closed its half, is gone, or `interrupt` was called.
   * Octets that have arrived come before an interruption.
   */
  async read(): Promise<Buffer | null> {
    for (;;) {
      const chunk: Buffer | null = this.#socket.read();
      if (chunk !== null) return chunk;
      if (this.#ended || this.#interrupted || this.signal.aborted) return null;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wakeReader = resolve;
      await promise;
    }
  }

  /** Ends the `read` that waits, or the next one that would have to: nothing more is expected of the client. */
  interrupt(): void {
    this.#interrupted = true;
    this.#wake();
  }

  async write(octets: Buffer | string): Promise<void> {
    await this.#send(octets, 'whole');
  }

  async writePart(octets: Buffer | string): Promise<void> {
    this.#inPart = true;
    await this.#send(octets, 'part');
  }

  /**
   * Queues a line without waiting for room: for what a client asks for by its own sending, `+ OK`. Behind a response that has
   * begun, which may be one that nobody has asked for (NOTIFY).
   */
  post(line: string): void {
    if (this.signal.aborted) return;
    if (this.#inPart) this.#posted += line;
    else this.#push(line);
  }

  /** Says something by the way: only between two responses, and only to a client that reads. */
  mention(line: string): void {
    const busy = this.#inPart || this.#ending || this.#drained !== null;
    if (!busy && !this.signal.aborted) this.#push(line);
  }

  /**
   * Puts TLS under the connection (server side). A certificate of the client that does not hold is as good as none, since
   * there are other ways to sign in. Octets of the client that came in clear must have been thrown away
   * before: whoever sits in the middle may have put them there.
   * @throws ConnectionClosed where the handshake fails
   */
  async secure(identity: TlsIdentity): Promise<Secured> {
    await this.#flushed();
    this.#detach();
    const { clientField } = identity;
    const secure = new TLSSocket(this.#socket, {
      isServer: true,
      secureContext: identity.current(),
      requestCert: clientField !== null,
      rejectUnauthorized: false,
    });
    this.#socket = secure;
    this.#detach = this.#attach(secure);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const gone = (): void => reject(new ConnectionClosed('no TLS handshake'));
    // A client that has closed its half will not finish its part of the handshake.
    const half = (): void => this.destroy();
    secure.once('secure', resolve).once('end', half);
    this.signal.addEventListener('abort', gone, { once: true });
    try {
      await promise;
      this.#tls = secure;
      const certificate = clientField === null ? null : clientCertificate(secure, clientField);
      return { certificate, bindable: canBind(secure) };
    } finally {
      this.signal.removeEventListener('abort', gone);
      secure.off('end', half);
    }
  }

  /**
   * Compresses both ways from now on (RFC 4978), above TLS where there is TLS; what has been written leaves as it is. The
   * client sends nothing before it has seen the answer to COMPRESS: what came before must have been thrown away.
   */
  async compress(): Promise<void> {
    await this.#flushed();
    this.#detach();
    this.#compressed = new CompressedSocket(this.#socket);
    this.#socket = this.#compressed;
    this.#detach = this.#attach(this.#compressed);
  }

  /** Throws away what has arrived. Gives the number of octets. */
  discardInput(): number {
    let discarded = 0;
    for (let chunk = this.#socket.read(); chunk !== null; chunk = this.#socket.read()) discarded += chunk.length;
    return discarded;
  }

  /** Ends the connection under a command that still runs: with a last word where a client would understand it. */
  async dismiss(lastWord: string): Promise<void> {
    if (!this.#inPart) this.post(lastWord);
    await this.end();
  }

  /**
   * Sends what is written, then closes; a client that goes on talking or does not read is cut off. Whoever writes from now
   * on finds the connection closed.
   */
  async end(): Promise<void> {
    if (this.signal.aborted) return;
    this.#ending = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.signal.addEventListener('abort', () => resolve(), { once: true });
    const timer = setTimeout(() => this.destroy(), this.#options.lingerMs);
    // Unread input would make the kernel answer with a reset, which can overtake the last words.
    this.#socket.removeListener('readable', this.#wake).resume().end();
    await promise;
    clearTimeout(timer);
  }

  destroy(): void {
    this.#socket.destroy();
    this.#abort();
  }

  /** Gives what takes the listeners off again; the one for errors stays, an error without listener ends the process. */
  #attach(socket: Duplex): () => void {
    const ended = (): void => {
      this.#ended = true;
      this.#wake();
    };
    const closed = (): void => this.#abort();
    socket.on('readable', this.#wake).on('end', ended).on('drain', this.#drain).on('close', closed);
    // A client that vanishes is daily business: what was waiting for it is told by the signal.
    socket.on('error', () => this.destroy());
    return () => {
      socket.off('readable', this.#wake).off('end', ended).off('drain', this.#drain).off('close', closed);
    };
  }

  /** What is written has left as it is, before anything else leaves under TLS or compressed. */
  async #flushed(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#socket.write('', () => resolve());
    await promise;
    this.signal.throwIfAborted();
  }

  #abort(): void {
    if (this.signal.aborted) return;
    this.#closed.abort(new ConnectionClosed('the connection is closed'));
    this.#wake();
    this.#drain();
  }

  async #send(octets: Buffer | string, what: 'whole' | 'part'): Promise<void> {
    if (this.#drained !== null) await this.#waitForRoom(this.#drained);
    this.signal.throwIfAborted();
    if (this.#ending) throw new ConnectionClosed('the connection is being closed');
    const room = this.#push(octets);
    if (what === 'whole') this.#endPart();
    if (room) return;
    this.#drained ??= Promise.withResolvers();
    await this.#waitForRoom(this.#drained);
  }

  #endPart(): void {
    this.#inPart = false;
    if (this.#posted === '') return;
    this.#push(this.#posted);
    this.#posted = '';
  }

  /** Responses written in one turn of the event loop leave in one packet. */
  #push(octets: Buffer | string): boolean {
    if (sent.hasSubscribers) sent.publish({ connection: this, octets } satisfies SentOctets);
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      process.nextTick(() => {
        this.#corked = false;
        this.#socket.uncork();
      });
    }
    return this.#socket.write(octets);
  }

  async #waitForRoom(drained: PromiseWithResolvers<void>): Promise<void> {
    const timer = setTimeout(() => {
      this.#tooSlow = true;
      this.destroy();
    }, this.#options.stalledMs);
    try {
      await drained.promise;
    } finally {
      clearTimeout(timer);
    }
    this.signal.throwIfAborted();
  }
}
