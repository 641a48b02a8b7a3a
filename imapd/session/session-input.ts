import type { Capabilities } from '../commands/any-state/capability-table.ts';
import { CommandReader, type Received } from '../protocol/command-reader.ts';
import type { Limits } from '../protocol/limits.ts';
import type { ClientInput } from './client-input.ts';
import type { Connection } from './connection.ts';
import type { StopRequest } from './farewell/stop-request.ts';
import type { Session } from './session.ts';
import type { SessionLimits } from './session-limits.ts';
import type { EndReason } from './session-observer.ts';

export type SessionInputOptions = {
  readonly connection: Connection;
  readonly session: Session;
  readonly protocolLimits: Limits;
  readonly capabilities: Pick<Capabilities, 'unaskedLiteral'>;
  readonly limits: Pick<SessionLimits, 'idleMs' | 'loginMs'>;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** When the client connected. */
  readonly openedAt: number;
  /** The session is asked to end: whoever waits for a command or a line is let go. */
  readonly stopping: StopRequest;
};

/** What a session hears from its client: commands, lines and messages, within their time. */
export class SessionInput implements ClientInput {
  readonly #options: SessionInputOptions;
  readonly #reader: CommandReader;
  #ended: EndReason | null = null;
  #signedIn = false;
  /** Since when nobody is signed in: the connection, or UNAUTHENTICATE. */
  #strangerSince: number;
  /** Something has come since a command was last waited for. */
  #heard = false;
  readonly #stop = (): void => this.#options.connection.interrupt();

  constructor(options: SessionInputOptions) {
    this.#options = options;
    this.#strangerSince = options.openedAt;
    this.#reader = new CommandReader({
      source: this.#octets(),
      limits: options.protocolLimits,
      unaskedLiteral: options.capabilities.unaskedLiteral,
      sendContinuation: () => options.connection.post('+ OK\r\n'),
    });
  }

  /** Why there is nothing more to hear; null while there may be. */
  get ended(): EndReason | null {
    return this.#ended;
  }

  /** What is left of the time to sign in, ms. */
  get loginMsLeft(): number {
    const { limits, now } = this.#options;
    return Math.max(0, this.#strangerSince + limits.loginMs - now());
  }

  /** The next command; null when the session ends (`ended` says why). */
  async nextCommand(): Promise<Received | null> {
    this.#noteSignedIn(this.#options.session.state !== 'notAuthenticated');
    // What was pipelined behind the last command is not begun any more.
    const { stopping } = this.#options;
    if (stopping.farewell !== null) this.#ended ??= stopping.farewell.reason;
    this.#heard = false;
    return this.#ended === null ? this.#next('command') : null;
  }

  /** What follows a message that was refused in the middle of its command: skipped, and nothing to be answered. */
  async skipRefused(): Promise<void> {
    const received = await this.#next();
    if (received?.kind === 'fatal') this.#ended ??= 'badInput';
  }

  async readLine(): Promise<Buffer | null> {
    this.#reader.expectLine();
    const received = await this.#next();
    if (received?.kind === 'line') return received.bytes;
    this.#ended ??= 'badInput';
    return null;
  }

  async ask(text: string): Promise<Buffer | null> {
    await this.#options.connection.write(`+ ${text}\r\n`);
    return this.readLine();
  }

  /** Forgets what has arrived, in the socket and in the reader, and goes on with what comes under TLS or compressed. */
  startOver(): number {
    return this.#options.connection.discardInput() + this.#reader.replaceSource(this.#octets());
  }

  async #next(what: 'command' | 'more' = 'more'): Promise<Received | null> {
    const { stopping, connection } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    let waits = true;
    const stopOnceQuiet = (): void => {
      const { octetsArrived } = connection;
      const look = (): void => {
        if (!waits || this.#heard) return;
        // Octets of TLS or of compression alone, or the first of a command: it is not quiet yet.
        if (connection.octetsArrived === octetsArrived) this.#stop();
        else stopOnceQuiet();
      };
      // Behind what the sockets hold: a process that is late hears its timers before its clients.
      timer = setTimeout(() => setImmediate(look), stopping.farewell?.quietMs);
    };
    const stop = (): void => {
      if (what === 'more') this.#stop();
      else stopOnceQuiet();
    };
    if (stopping.farewell !== null) this.#stop();
    const unlisten = stopping.listen(stop);
    try {
      const received = await this.#reader.next();
      if (received === null) this.#ended ??= this.#reasonOfEnd();
      return received;
    } finally {
      waits = false;
      unlisten();
      clearTimeout(timer);
    }
  }

  #reasonOfEnd(): EndReason {
    const { stopping, connection } = this.#options;
    if (stopping.farewell !== null) return stopping.farewell.reason;
    return connection.garbled ? 'badInput' : 'clientGone';
  }

  async *#octets(): AsyncGenerator<Buffer> {
    for (let chunk = await this.#chunk(); chunk !== null; chunk = await this.#chunk()) yield chunk;
  }

  #noteSignedIn(signedIn: boolean): void {
    if (signedIn === this.#signedIn) return;
    this.#signedIn = signedIn;
    if (signedIn) this.#reader.signedIn();
    else this.#reader.signedOut();
    if (!signedIn) this.#strangerSince = this.#options.now();
  }

  /** Octets, unless the client is silent for too long. */
  async #chunk(): Promise<Buffer | null> {
    const { connection } = this.#options;
    const { ms, reason } = this.#patience();
    const timer = setTimeout(() => {
      this.#ended ??= reason;
      connection.interrupt();
    }, ms);
    try {
      const octets = await connection.read();
      this.#heard ||= octets !== null;
      return octets;
    } finally {
      clearTimeout(timer);
    }
  }

  #patience(): { readonly ms: number; readonly reason: EndReason } {
    const { session, limits } = this.#options;
    if (session.state !== 'notAuthenticated') return { ms: limits.idleMs, reason: 'idle' };
    return { ms: this.loginMsLeft, reason: 'loginTimeout' };
  }
}
