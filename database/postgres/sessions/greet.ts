import { connect } from 'node:net';

/** SSLRequest: length 8, code 80877103 ("SSL Session Encryption" in the protocol's documentation). */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/**
 * A new connection as far as the server's first byte ('S' or 'N'). The kernel accepts connections for a server that was
 * stopped; only one whose main process still makes sessions answers this, and it costs no password check.
 */
export async function greetServer(host: string, port: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ host, port, noDelay: true });
  const abort = (): void => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  socket.once('connect', () => socket.write(SSL_REQUEST));
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
