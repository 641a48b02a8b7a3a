import { createServer } from 'node:net';

/**
 * Below the ephemeral ports of Linux (32768) and macOS (49152), which any outgoing connection may take between the choice
 * of a port and its use; and below those that standalone chooses.
 */
const FIRST = 10_000;
const COUNT = 10_000;

/** Processes that test at the same time begin far from each other; one process never gives a port twice in a row. */
let next = (process.pid * 997) % COUNT;

/** Ports of 127.0.0.1 that nobody listens on. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let tries = 0; ports.length < count; tries++) {
    if (tries === COUNT) throw new Error(`not ${count} free ports between ${FIRST} and ${FIRST + COUNT}`);
    const port = FIRST + next;
    next = (next + 1) % COUNT;
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

async function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once('error', () => resolve(false));
  server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  return await promise;
}
