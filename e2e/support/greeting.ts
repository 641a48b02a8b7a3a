import { once } from 'node:events';
import { connect } from 'node:tls';
import type { Place } from './way-in/way-in.ts';

/**
 * The first that is said at a port of IMAP over TLS. Somebody who accepts connections there proves nothing: that may be one end of a
 * port-forward with nobody at the other.
 *
 * @throws Error where the connection ends, or nothing is said within `ms`
 */
export async function greetingAt({ host, port }: Place, ms: number): Promise<string> {
  // The certificate is the test's own.
  const socket = connect({ host, port, rejectUnauthorized: false });
  const signal = AbortSignal.timeout(ms);
  try {
    const [said] = await Promise.race([once(socket, 'data', { signal }), ended(socket, signal)]);
    return String(said).trim();
  } finally {
    socket.on('error', () => undefined);
    socket.destroy();
  }
}

async function ended(socket: ReturnType<typeof connect>, signal: AbortSignal): Promise<never> {
  await once(socket, 'close', { signal });
  throw new Error('the connection ended before anything was said');
}
