import type { Socket } from 'node:net';
import { type ProxyHeader, readProxyHeader } from './proxy-header.ts';

/** `address` null: the balancer speaks for itself. */
export type TakenHeader =
  | { readonly kind: 'header'; readonly address: string | null }
  /** The connection has ended without an octet: a balancer looks whether somebody listens. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Reads the PROXY header off a fresh connection, within its time; what came behind it is still to be read. The connection
 * must be paused, and nobody else may read from it yet.
 */
export async function takeProxyHeader(socket: Socket, withinMs: number): Promise<TakenHeader> {
  const { promise, resolve } = Promise.withResolvers<TakenHeader>();
  const timer = setTimeout(() => resolve({ kind: 'refused', reason: 'it did not come in time' }), withinMs);
  let octets = Buffer.alloc(0);
  const gone = (): void =>
    resolve(octets.length === 0 ? { kind: 'silent' } : { kind: 'refused', reason: 'the connection has ended in it' });
  const look = (): void => {
    let header: ProxyHeader = { kind: 'incomplete' };
    while (header.kind === 'incomplete') {
      const chunk: Buffer | null = socket.read();
      if (chunk === null) return;
      octets = Buffer.concat([octets, chunk]);
      header = readProxyHeader(octets);
    }
    socket.off('readable', look);
    if (header.kind === 'invalid') {
      resolve({ kind: 'refused', reason: header.reason });
      return;
    }
    if (octets.length > header.octets) socket.unshift(octets.subarray(header.octets));
    resolve({ kind: 'header', address: header.address });
  };
  socket.on('readable', look).on('end', gone).on('close', gone).on('error', gone);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    socket.off('readable', look).off('end', gone).off('close', gone).off('error', gone);
  }
}
