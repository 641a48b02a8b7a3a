import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { pause } from '#runtime/deadline.ts';
import { Connection } from './connection.ts';
import { dueFarewells } from './farewell/due-farewells.ts';
import { type Farewell, farewell, QUIET_MS } from './farewell/farewell.ts';
import { StopRequest } from './farewell/stop-request.ts';
import { ConnectionClosed } from './output.ts';
import { type Peer, type Secured, Session } from './session.ts';
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
  /**
   * Takes no more clients. Sessions get BYE one after the other: in IDLE at once, after the next command or a moment of
   * silence where none runs, otherwise when their command is done; after `graceMs` in the middle of one that is not.
   */
  stop(graceMs: number): Promise<void>;
};

const STOPPED = `* BYE ${farewell.stopping}\r\n`;
/**
 * Between two farewells of a stop, ms. All at once would keep this process from what clients are just sending, which would
 * then never be answered, and the next process would have all of them at its door.
 */
const FAREWELL_PACE_MS = 10;
/** However many there are, the last one is told in this part of the grace. */
const FAREWELL_SHARE = 1 / 2;
const QUIET_SHARE = 1 / 10;
const FULL = '* BYE [UNAVAILABLE] Too many connections, please try again later\r\n';

/**
 * Listens for IMAP clients.
 * @throws Error of `listen`: EADDRINUSE where the port is taken, EACCES where it may not be used
 */
export async function startImapListener(options: ImapListenerOptions): Promise<ImapListener> {
  const running = new Map<Connection, Running>();
  const server = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true }, (socket) => {
    socket.setKeepAlive(true, options.services.limits.tcpKeepAliveMs);
    const connection = new Connection(socket, options.services.limits);
    const stopping = new StopRequest();
    const done = serve({ socket, connection, stopping }, options)
      .catch((error: unknown) => options.services.log.event('Unexpected', { err: error }))
      .finally(() => running.delete(connection));
    running.set(connection, { stopping, done });
  });
  server.listen(options.port, options.host);
  await once(server, 'listening');
  const port = (server.address() as AddressInfo).port;
  return { port, stop: (graceMs) => stop({ server, running, graceMs }) };
}

type Running = { readonly stopping: StopRequest; readonly done: Promise<unknown> };
type Client = { readonly socket: Socket; readonly connection: Connection; readonly stopping: StopRequest };

async function serve(client: Client, { services, implicitTls }: ImapListenerOptions): Promise<void> {
  const { socket, connection, stopping } = client;
  const peer = await services.peers.of(socket);
  if (peer === null) return connection.destroy();
  const admitted = services.admission.enter(peer.remoteAddress);
  if (admitted === null) return turnAway(connection, { peer, implicitTls, services });
  services.observer.sessionOpened();
  const dismiss = (reason: Farewell['reason']): void => stopping.ask({ reason, quietMs: QUIET_MS });
  const session = new Session({ id: randomUUID(), peer, tls: implicitTls, admitted, dismiss });
  services.observer.stateChanged(null, session.state);
  const { remoteAddress, balancer } = peer;
  services.log.event('SessionOpened', { session: session.id, remoteAddress, balancer, tls: implicitTls });
  const reason = await live(session, client, services);
  const stateBefore = session.state;
  session.end();
  services.observer.stateChanged(stateBefore, session.state);
  services.observer.sessionClosed(reason);
  const code = reason === 'clientTooSlow' ? 'ClientTooSlow' : 'SessionClosed';
  services.log.event(code, { session: session.id, user: session.userName, actor: session.actor, reason });
  await connection.end();
}

async function live(session: Session, client: Client, services: SessionServices): Promise<EndReason> {
  const { connection, stopping } = client;
  const openedAt = services.now();
  try {
    if (session.tls) session.secure(await handshake(connection, services));
    return await new SessionRunner({ connection, session, services, openedAt, stopping }).run();
  } catch (error) {
    // A fault of the server ends this session at most, never the process or another session.
    if (!(error instanceof ConnectionClosed)) services.log.event('Unexpected', { session: session.id, err: error });
    return 'clientGone';
  }
}

async function handshake(connection: Connection, services: SessionServices): Promise<Secured> {
  if (services.tls === null) throw new Error('implicit TLS needs a certificate');
  const timer = setTimeout(() => connection.destroy(), services.limits.loginMs);
  try {
    return await connection.secure(services.tls);
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

async function stop(all: {
  readonly server: Server;
  readonly running: ReadonlyMap<Connection, Running>;
  readonly graceMs: number;
}): Promise<void> {
  const closed = once(all.server, 'close');
  all.server.close();
  const timer = setTimeout(() => {
    for (const connection of all.running.keys()) void connection.dismiss(STOPPED);
  }, all.graceMs);
  const ended = Promise.all(Array.from(all.running.values(), ({ done }) => done));
  await sayFarewell(all);
  await ended;
  clearTimeout(timer);
  await closed;
}

/** By the clock, not by counting pauses: a loop that is late tells those who are due meanwhile in one go. */
async function sayFarewell({
  running,
  graceMs,
}: {
  readonly running: ReadonlyMap<Connection, Running>;
  readonly graceMs: number;
}): Promise<void> {
  const farewell: Farewell = { reason: 'stopping', quietMs: Math.min(QUIET_MS, graceMs * QUIET_SHARE) };
  const left = [...running.values()];
  const wholeMs = Math.min(left.length * FAREWELL_PACE_MS, graceMs * FAREWELL_SHARE);
  const since = performance.now();
  for (let told = 0; told < left.length; ) {
    const due = dueFarewells({ sessions: left.length, elapsedMs: performance.now() - since, wholeMs });
    for (; told < due; told += 1) left[told]?.stopping.ask(farewell);
    if (told < left.length) await pause(FAREWELL_PACE_MS);
  }
}
