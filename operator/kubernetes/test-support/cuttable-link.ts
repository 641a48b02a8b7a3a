import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A way to the API server for one client. Cut, it refuses nothing and swallows everything; slowed, all answers come late. */
export class CuttableLink implements AsyncDisposable {
  /** Path of a kubeconfig that goes this way. */
  readonly kubeconfig: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #whole = true;
  #lateMs = 0;

  private constructor(server: Server, kubeconfig: string) {
    this.#server = server;
    this.kubeconfig = kubeconfig;
  }

  /** @param name of the copy of the kubeconfig, beside it */
  static async open(endpoint: string, kubeconfig: string, name: string): Promise<CuttableLink> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const copy = `${kubeconfig}.${name}`;
    const text = await readFile(kubeconfig, 'utf8');
    await writeFile(copy, text.replace(endpoint, `https://127.0.0.1:${port}`), { mode: 0o600 });
    const link = new CuttableLink(server, copy);
    server.on('connection', (socket) => link.#join(socket, Number(new URL(endpoint).port)));
    return link;
  }

  slow(ms: number): void {
    this.#lateMs = ms;
  }

  cut(): void {
    this.#whole = false;
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  #join(near: Socket, port: number): void {
    this.#keep(near);
    if (!this.#whole) return;
    const far = connect(port, '127.0.0.1');
    this.#keep(far);
    near.pipe(far);
    // Timers of one length fire in their order.
    far.on('data', (octets: Buffer) => setTimeout(() => near.write(octets), this.#lateMs));
    far.once('end', () => near.end());
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    // Either end may be killed at any time in these tests; the other one then ends as well.
    socket.on('error', () => socket.destroy());
  }
}
