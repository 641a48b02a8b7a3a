import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A way to the API server for one client, which can be cut: nothing is refused then, everything is swallowed. */
export class CuttableLink implements AsyncDisposable {
  /** Path of a kubeconfig that goes this way. */
  readonly kubeconfig: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #whole = true;

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
    near.pipe(far).pipe(near);
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    // Either end may be killed at any time in these tests; the other one then ends as well.
    socket.on('error', () => socket.destroy());
  }
}
