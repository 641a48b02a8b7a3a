import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export type Place = { readonly host: string; readonly port: number };

/**
 * A port of this machine behind which something else is: each connection gets a stream of its own from `open`, and ends when that
 * does. One that cannot be opened ends at once. The door stays open until the process ends, and does not keep it.
 */
export async function openDoor(open: () => Promise<Duplex>): Promise<Place> {
  const server = createServer({ pauseOnConnect: true }, (socket) => void pass(socket, open));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  const { address, port } = server.address() as AddressInfo;
  return { host: address, port };
}

async function pass(socket: Socket, open: () => Promise<Duplex>): Promise<void> {
  socket.setNoDelay(true);
  // Whoever is behind it is told by the end of the connection.
  socket.on('error', () => undefined);
  try {
    const stream = await open();
    stream.on('error', () => socket.destroy());
    socket.on('close', () => stream.destroy());
    if (socket.destroyed) return void stream.destroy();
    stream.pipe(socket);
    socket.pipe(stream);
  } catch {
    socket.destroy();
  }
}
