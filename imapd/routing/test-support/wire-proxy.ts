import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { MemberEndpoint } from '#contract/routing-document.ts';

/** One message of the PostgreSQL protocol (version 3) as it passes. */
export type WireMessage = {
  readonly connection: number;
  readonly side: 'frontend' | 'backend';
  /** Letter of the message; empty for the start-up message, which has none. */
  readonly type: string;
  readonly body: Buffer;
};

/**
 * What to do with a message. Cutting closes the connection on both sides; `strand` closes only the client's, so that the
 * server goes on waiting for the rest.
 */
export type Verdict = 'forward' | 'cutBefore' | 'cutAfter' | 'strand';

/**
 * A TCP proxy in front of a PostgreSQL server that understands where messages begin and end, and can cut the line right
 * before or right after any one of them.
 */
export class WireProxy {
  readonly #server: Server;
  readonly #upstream: MemberEndpoint;
  readonly #sockets = new Set<Socket>();
  #connections = 0;
  judge: (message: WireMessage) => Verdict = () => 'forward';

  private constructor(upstream: MemberEndpoint) {
    this.#upstream = upstream;
    this.#server = createServer({ noDelay: true }, (client) => this.#accept(client));
  }

  static async start(upstream: MemberEndpoint): Promise<WireProxy> {
    const proxy = new WireProxy(upstream);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get endpoint(): MemberEndpoint {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy does not listen');
    return { host: '127.0.0.1', port: address.port };
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #accept(client: Socket): void {
    const server = connect({ ...this.#upstream, noDelay: true });
    this.#connections += 1;
    const line = { client, server, connection: this.#connections, cut: false };
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      // Either end may go at any moment: that is the purpose.
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.#sockets.delete(socket));
    }
    this.#relay(line, 'frontend', new MessageReader(true));
    this.#relay(line, 'backend', new MessageReader(false));
  }

  #relay(line: Line, side: WireMessage['side'], reader: MessageReader): void {
    const [from, to] = side === 'frontend' ? [line.client, line.server] : [line.server, line.client];
    from.on('data', (chunk: Buffer) => {
      for (const raw of reader.take(chunk)) {
        if (line.cut) return;
        const type = raw.typed ? String.fromCharCode(raw.octets[0] ?? 0) : '';
        const body = raw.octets.subarray(raw.typed ? 5 : 4);
        const verdict = this.judge({ connection: line.connection, side, type, body });
        if (verdict !== 'cutBefore' && verdict !== 'strand') to.write(raw.octets);
        if (verdict !== 'forward') cut(line, verdict);
      }
    });
    from.on('end', () => {
      if (!line.cut) to.end();
    });
  }
}

type Line = { readonly client: Socket; readonly server: Socket; readonly connection: number; cut: boolean };

/** `end` lets what was written arrive first. */
function cut(line: Line, verdict: Verdict): void {
  line.cut = true;
  line.client.end();
  if (verdict !== 'strand') line.server.end();
}

/** Splits a byte stream into messages; the first one of a frontend has no letter. */
class MessageReader {
  #rest: Buffer = Buffer.alloc(0);
  #startup: boolean;

  constructor(startup: boolean) {
    this.#startup = startup;
  }

  *take(chunk: Buffer): Generator<{ readonly octets: Buffer; readonly typed: boolean }> {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const head = this.#startup ? 4 : 5;
      if (this.#rest.length < head) return;
      const length = this.#rest.readUInt32BE(head - 4) + head - 4;
      if (this.#rest.length < length) return;
      const octets = this.#rest.subarray(0, length);
      this.#rest = this.#rest.subarray(length);
      const typed = !this.#startup;
      this.#startup = false;
      yield { octets, typed };
    }
  }
}
