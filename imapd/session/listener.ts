import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Connection } from './connection.ts';
import { ConnectionClosed } from './output.ts';
import { type Peer, Session } from './session.ts';
import type { EndReason } from './session-observer.ts';
import { SessionRunner } from './session-runner.ts';
import type { SessionServices } from './session-services.ts';

export type ImapListenerOptions = {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** TLS from the first octet (RFC 8314); otherwise clear text with STARTTLS. */
  readonly implicitTls: boolean;
  readonly services: SessionServices;
};

export type ImapListener = {
  readonly port: number;
  /** Takes no more clients, says BYE between commands, lets commands finish for `graceMs`, then cuts off. */
  stop(graceMs: number): Promise<void>;
};

/** Long enough for NATs, short enough to notice a client whose machine is gone: IMAP itself may be silent for 30 minutes. */
const KEEP_ALIVE_MS = 120_000;
const FULL = '* BYE [UNAVAILABLE] Too many connections, please try again later\r\n';

/**
 * Listens for IMAP clients.
 * @throws Error of `listen`: EADDRINUSE where the port is taken, EACCES where it may not be used
 */
export async function startImapListener(options: ImapListenerOptions): Promise<ImapListener> {
  const stopping = new AbortController();
  const running = new Map<Connection, Promise<unknown>>();
  const server = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true }, (socket) => {
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    const connection = new Connection(socket, options.services.limits);
    const done = serve({ socket, connection, stopping: stopping.signal }, options)
      .catch((error: unknown) => options.services.log.event('Unexpected', { err: error }))
      .finally(() => running.delete(connection));
    running.set(connection, done);
  });
  server.listen(options.port, options.host);
  await once(server, 'listening');
  const port = (server.address() as AddressInfo).port;
  return { port, stop: (graceMs) => stop({ server, stopping, running, graceMs }) };
}

type Client = { readonly socket: Socket; readonly connection: Connection; readonly stopping: AbortSignal };

async function serve(client: Client, { services, implicitTls }: ImapListenerOptions): Promise<void> {
  const { socket, connection } = client;
  const peer = peerOf(socket);
  const admitted = services.admission.enter(peer.remoteAddress);
  if (admitted === null) return turnAway(connection, { peer, implicitTls, services });
  services.observer.sessionOpened();
  const session = new Session({ id: randomUUID(), peer, tls: implicitTls, admitted });
  services.observer.stateChanged(null, session.state);
  services.log.event('SessionOpened', { session: session.id, remoteAddress: peer.remoteAddress, tls: implicitTls });
  const reason = await live(session, client, services);
  const stateBefore = session.state;
  session.end();
  services.observer.stateChanged(stateBefore, session.state);
  services.observer.sessionClosed(reason);
  const code = reason === 'clientTooSlow' ? 'ClientTooSlow' : 'SessionClosed';
  services.log.event(code, { session: session.id, user: session.userName, reason });
  await connection.end();
}

async function live(session: Session, client: Client, services: SessionServices): Promise<EndReason> {
  const { connection, stopping } = client;
  const openedAt = services.now();
  try {
    if (session.tls) await handshake(connection, services);
    return await new SessionRunner({ connection, session, services, openedAt, stopping }).run();
  } catch (error) {
    // A fault of the server ends this session at most, never the process or another session.
    if (!(error instanceof ConnectionClosed)) services.log.event('Unexpected', { session: session.id, err: error });
    return 'clientGone';
  }
}

async function handshake(connection: Connection, services: SessionServices): Promise<void> {
  if (services.tls === null) throw new Error('implicit TLS needs a certificate');
  const timer = setTimeout(() => connection.destroy(), services.limits.loginMs);
  try {
    await connection.secure(services.tls.current());
  } finally {
    clearTimeout(timer);
  }
}

async function turnAway(
  connection: Connection,
  options: { readonly peer: Peer; readonly implicitTls: boolean; readonly services: SessionServices },
): Promise<void> {
  options.services.log.event('TooManySessions', { remoteAddress: options.peer.remoteAddress });
  // A handshake for the sake of a refusal is what a flood of connections would want.
  if (options.implicitTls) return connection.destroy();
  connection.post(FULL);
  await connection.end();
}

function peerOf(socket: Socket): Peer {
  const remoteAddress = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  return { remoteAddress, loopback: remoteAddress === '::1' || remoteAddress.startsWith('127.') };
}

async function stop(all: {
  readonly server: Server;
  readonly stopping: AbortController;
  readonly running: ReadonlyMap<Connection, Promise<unknown>>;
  readonly graceMs: number;
}): Promise<void> {
  const closed = once(all.server, 'close');
  all.server.close();
  all.stopping.abort();
  const timer = setTimeout(() => {
    for (const connection of all.running.keys()) connection.destroy();
  }, all.graceMs);
  await Promise.all(all.running.values());
  clearTimeout(timer);
  await closed;
}
