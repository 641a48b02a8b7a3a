import { connect } from 'node:net';

export type Greeting = {
  readonly host: string;
  readonly port: number;
  /** Said as soon as the connection is there; null where the server speaks first. */
  readonly hello: Buffer | null;
};

/** A new connection as far as the server's first octet. */
export async function firstOctet({ host, port, hello }: Greeting, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ host, port, noDelay: true });
  const abort = (): void => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  if (hello !== null) socket.once('connect', () => socket.write(hello));
  socket.once('data', () => resolve());
  socket.once('error', reject);
  socket.once('close', () => reject(Object.assign(new Error('closed without an answer'), { code: 'ECONNRESET' })));
  try {
    await promise;
  } finally {
    signal.removeEventListener('abort', abort);
    socket.destroy();
  }
}
