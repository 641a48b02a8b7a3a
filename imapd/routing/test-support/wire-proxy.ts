import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { MemberEndpoint } from '#contract/routing-document.ts';
import type { Engine } from '#database/engine.ts';

/** How an engine's messages are told apart in what passes. */
export type Protocol = 'postgresql' | 'mysql';

/** One message of the PostgreSQL protocol (version 3), or one packet of MySQL's, as it passes. */
export type WireMessage = {
  readonly connection: number;
  readonly side: 'frontend' | 'backend';
  /** Letter of the message of PostgreSQL; empty for the start-up message, and for packets, which have none. */
  readonly type: string;
  readonly body: Buffer;
  /** Of a packet: its number since the last command. */
  readonly sequence: number;
};

/**
 * What to do with a message. Cutting closes the connection on both sides; `strand` closes only the client's, so that the
 * server goes on waiting for the rest.
 */
export type Verdict = 'forward' | 'cutBefore' | 'cutAfter' | 'strand';

/**
 * A TCP proxy in front of a database server that understands where messages begin and end, and can cut the line right
 * before or right after any one of them.
 */
export class WireProxy {
  readonly #server: Server;
  readonly #upstream: MemberEndpoint;
  readonly #protocol: Protocol;
  readonly #sockets = new Set<Socket>();
  #connections = 0;
  judge: (message: WireMessage) => Verdict = () => 'forward';

  private constructor(upstream: MemberEndpoint, protocol: Protocol) {
    this.#upstream = upstream;
    this.#protocol = protocol;
    this.#server = createServer({ noDelay: true }, (client) => this.#accept(client));
  }

  static async start(upstream: MemberEndpoint, engine: Engine): Promise<WireProxy> {
    const proxy = new WireProxy(upstream, engine === 'postgresql' ? engine : 'mysql');
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
    const reader = (startup: boolean) => (this.#protocol === 'mysql' ? new PacketReader() : new MessageReader(startup));
    this.#relay(line, 'frontend', reader(true));
    this.#relay(line, 'backend', reader(false));
  }

  #relay(line: Line, side: WireMessage['side'], reader: Reader): void {
    const [from, to] = side === 'frontend' ? [line.client, line.server] : [line.server, line.client];
    from.on('data', (chunk: Buffer) => {
      for (const raw of reader.take(chunk)) {
        if (line.cut) return;
        const verdict = this.judge({ connection: line.connection, side, ...raw });
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

type Raw = { readonly octets: Buffer } & Pick<WireMessage, 'type' | 'body' | 'sequence'>;
type Reader = { take(chunk: Buffer): Iterable<Raw> };

/** Splits a byte stream into messages; the first one of a frontend has no letter. */
class MessageReader implements Reader {
  #rest: Buffer = Buffer.alloc(0);
  #startup: boolean;

  constructor(startup: boolean) {
    this.#startup = startup;
  }

  *take(chunk: Buffer): Generator<Raw> {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const head = this.#startup ? 4 : 5;
      if (this.#rest.length < head) return;
      const length = this.#rest.readUInt32BE(head - 4) + head - 4;
      if (this.#rest.length < length) return;
      const octets = this.#rest.subarray(0, length);
      this.#rest = this.#rest.subarray(length);
      const type = this.#startup ? '' : String.fromCharCode(octets[0] ?? 0);
      this.#startup = false;
      yield { octets, type, body: octets.subarray(head), sequence: 0 };
    }
  }
}

/** Length and number of a packet. One of 16 MiB would go on in the next; nothing of that size passes here. */
const PACKET_HEAD = 4;

class PacketReader implements Reader {
  #rest: Buffer = Buffer.alloc(0);

  *take(chunk: Buffer): Generator<Raw> {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= PACKET_HEAD) {
      const length = this.#rest.readUIntLE(0, 3) + PACKET_HEAD;
      if (this.#rest.length < length) return;
      const octets = this.#rest.subarray(0, length);
      this.#rest = this.#rest.subarray(length);
      yield { octets, type: '', body: octets.subarray(PACKET_HEAD), sequence: octets[3] ?? 0 };
    }
  }
}
