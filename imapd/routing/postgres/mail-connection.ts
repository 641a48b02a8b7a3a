import { Socket } from 'node:net';
import { Client, type ClientConfig } from 'pg';
import { RowDiverter } from '../../store/postgres/octets/row-diverter.ts';

/** How long TCP and the server's greeting may take, ms. */
const CONNECT_TIMEOUT_MS = 2_000;

/**
 * Where all connections of the process read, one after the other: what is there is handed over, with a copy of what is kept, before
 * any reads again. Else Node would make a piece of memory for each read, and the collector of garbage, which sees little of these, ran
 * for a tenth of the time, and more where the database sends small pieces.
 */
const READ = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * A connection that can be let go of at once. Closing the socket never cancels a COMMIT: a PostgreSQL backend that waits
 * for its synchronous replica does not look at its client.
 *
 * The time-out is the connection's own: as an option of the pool it would cover the queue in front of a full pool too,
 * and a busy process would take its writer for dead.
 */
export class MailConnection extends Client {
  readonly #socket: Socket;

  constructor(config: ClientConfig = {}) {
    // TLS reads by itself.
    const socket: Socket = config.ssl ? new Socket() : new Socket({ onread: { buffer: READ, callback: passOn } });
    // `pg-pool` hides the password from enumeration, so the copy must name it.
    const { password } = config;
    const own = { connectionTimeoutMillis: CONNECT_TIMEOUT_MS, stream: () => socket };
    super({ ...config, ...(password === undefined ? {} : { password }), ...own });
    this.#socket = socket;
    // Whoever uses the connection learns of a break from the statement that fails; the event needs a listener all the same.
    this.on('error', () => this.abandon());
  }

  /** Ends the connection without a word; statements under way reject. */
  abandon(): void {
    // TLS takes the place of the plain one.
    this.connection.stream.destroy();
    this.#socket.destroy();
  }
}

/** Called by Node as a method of the socket. */
function passOn(this: unknown, length: number): boolean {
  RowDiverter.passOn(this as Socket, READ.subarray(0, length));
  return true;
}
