import { connect } from 'node:net';

/** A refusal comes within a round trip; no answer says nothing. */
const LIMIT_MS = 10;

/** Whether new connections to an address are refused: nobody listens there. */
export async function refuses({ host, port }: { readonly host: string; readonly port: number }): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host, port, timeout: LIMIT_MS });
  socket.once('connect', () => resolve(false));
  socket.once('timeout', () => resolve(false));
  socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}
