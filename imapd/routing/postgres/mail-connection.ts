import { Socket } from 'node:net';
import { Client, type ClientConfig } from 'pg';

/** How long TCP and the server's greeting may take, ms. */
const CONNECT_TIMEOUT_MS = 2_000;

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
    const socket = new Socket();
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
