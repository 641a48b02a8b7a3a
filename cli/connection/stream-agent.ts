import { Agent, type ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';

type Opened = (error: Error | null, stream: Duplex) => void;

/** Connections of node:http over whatever streams are opened for it; each is kept for the next request. */
export class StreamAgent extends Agent {
  readonly #open: () => Promise<Duplex>;

  constructor(open: () => Promise<Duplex>, maxSockets: number) {
    super({ keepAlive: true, maxSockets });
    this.#open = open;
  }

  override createConnection(_options: ClientRequestArgs, opened: Opened = () => undefined): undefined {
    this.#open().then(
      (stream) => opened(null, stream),
      // node:http looks at the error alone then.
      (error: Error) => opened(error, undefined as never),
    );
  }
}
