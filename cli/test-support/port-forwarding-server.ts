import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { FrameReader, frame, OPCODE } from './web-socket-frames.ts';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const PATH = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/portforward\?ports=(\d+)$/;

export type Answer = { readonly status: number; readonly body: unknown };

/**
 * Stands in for an API server with kubelets behind it, where no cluster is: it answers what a test lays down, and forwards
 * ports of pods, over v4.channel.k8s.io as a kubelet does, to servers of the test.
 */
export class PortForwardingServer implements AsyncDisposable {
  readonly kubeconfig: string;
  /** Where a pod's port is, by name of the pod; one that is missing is a 404, null a 403. */
  readonly pods = new Map<string, number | null>();
  /** What other paths are answered with, by path without query; anything else is a 404. */
  readonly answers = new Map<string, Answer>();
  /** Forwards that are open, by pod. */
  readonly open: { readonly pod: string; readonly cut: () => void }[] = [];
  /** Names of pods to which forwards were opened, in order. */
  readonly opened: string[] = [];
  readonly #server: Server;
  readonly #folder: string;

  private constructor(server: Server, folder: string) {
    this.#server = server;
    this.#folder = folder;
    this.kubeconfig = join(folder, 'kubeconfig');
    server.on('request', ({ url = '' }, response) => {
      const { status, body } = this.answers.get(url.split('?')[0] ?? '') ?? { status: 404, body: {} };
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    server.on('upgrade', (request: IncomingMessage, socket: Duplex) => this.#upgrade(request, socket));
  }

  static async start(): Promise<PortForwardingServer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const folder = await mkdtemp(join(tmpdir(), 'port-forward-'));
    const started = new PortForwardingServer(server, folder);
    const { port } = server.address() as AddressInfo;
    const named = (name: string, rest: object): object[] => [{ name, ...rest }];
    const config = {
      'current-context': 'test',
      contexts: named('test', { context: { cluster: 'test', user: 'test', namespace: 'post' } }),
      clusters: named('test', { cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }),
      users: named('test', { user: { token: 'of-a-person' } }),
    };
    await writeFile(started.kubeconfig, JSON.stringify(config));
    return started;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { cut } of this.open) cut();
    this.#server.closeAllConnections();
    this.#server.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #upgrade({ url = '', headers }: IncomingMessage, socket: Duplex): void {
    const [, , pod = '', port] = PATH.exec(url) ?? [];
    const target = this.pods.get(pod);
    if (typeof target !== 'number') {
      socket.end(`HTTP/1.1 ${target === null ? '403 Forbidden' : '404 Not Found'}\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const accept = createHash('sha1').update(`${headers['sec-websocket-key']}${GUID}`).digest('base64');
    const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
    const chosen = [`Sec-WebSocket-Accept: ${accept}`, 'Sec-WebSocket-Protocol: v4.channel.k8s.io'];
    socket.write(`${[...head, ...chosen].join('\r\n')}\r\n\r\n`);
    this.#forward(socket, { pod, port: Number(port), target });
  }

  #forward(socket: Duplex, { pod, port, target }: { pod: string; port: number; target: number }): void {
    const say = (channel: number, data: Buffer): boolean =>
      socket.write(frame(OPCODE.binary, Buffer.concat([Buffer.from([channel]), data])));
    const number = Buffer.alloc(2);
    number.writeUInt16LE(port);
    say(0, number);
    say(1, number);
    const far: Socket = connect(target, '127.0.0.1');
    const entry = { pod, cut: () => socket.destroy() };
    this.open.push(entry);
    this.opened.push(pod);
    far.on('data', (data: Buffer) => {
      if (say(0, data)) return;
      far.pause();
      socket.once('drain', () => far.resume());
    });
    far.on('error', (error) => say(1, Buffer.from(`error forwarding port ${port} to pod ${pod}: ${error.message}`)));
    far.on('close', () => socket.end(frame(OPCODE.close, Buffer.from([0x03, 0xe8]))));
    const reader = new FrameReader();
    socket.on('data', (chunk: Buffer) => {
      for (const { opcode, payload } of reader.take(chunk)) {
        if (opcode === OPCODE.close) far.end();
        else if (!far.write(payload.subarray(1))) {
          socket.pause();
          far.once('drain', () => socket.resume());
        }
      }
    });
    socket.on('error', () => far.destroy());
    socket.on('close', () => {
      far.destroy();
      this.open.splice(this.open.indexOf(entry), 1);
    });
  }
}
