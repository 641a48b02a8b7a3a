import { connect } from 'node:net';

/**
 * A new connection as far as the server's greeting, which it speaks first. The kernel accepts connections for a server that
 * was stopped; only one that still makes sessions says something, and it costs no password check. (Servers count those who
 * leave then, and shut them out in the end: not with `skip_name_resolve`.)
 */
export async function greetServer(host: string, port: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ host, port, noDelay: true });
  const abort = (): void => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  socket.once('data', () => resolve());
  socket.once('error', reject);
  socket.once('close', () => reject(Object.assign(new Error('closed without a greeting'), { code: 'ECONNRESET' })));
  try {
    await promise;
  } finally {
    signal.removeEventListener('abort', abort);
    socket.destroy();
  }
}
