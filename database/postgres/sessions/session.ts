import { Client, type ClientConfig } from 'pg';
import type { DatabaseTls } from '#contract/database-tls.ts';
import { verifiedTls } from '../../tls/verified-tls.ts';

export type SessionTarget = {
  /** Host name, address, or directory of a local socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly applicationName: string;
  /** How the server proves who it is, before it is told anything. Absent: no TLS. */
  readonly tls?: DatabaseTls | undefined;
  /** Speaks the replication protocol instead of SQL. */
  readonly replication?: boolean;
};

/** Silence on the network after which the kernel asks whether the other end is still there; without an answer it takes 10 s more. */
const KEEP_ALIVE_MS = 5_000;

/** A client whose socket is dropped the moment `signal` fires: nothing asked through it outlives the signal. */
export async function openSession(target: SessionTarget, signal: AbortSignal): Promise<Client> {
  signal.throwIfAborted();
  const config: ClientConfig & { replication?: string } = {
    host: target.host,
    port: target.port,
    user: target.user,
    password: target.password,
    database: target.database,
    application_name: target.applicationName,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    ...(target.tls === undefined ? {} : { ssl: verifiedTls(target.tls, target.host) }),
    ...(target.replication === true ? { replication: 'true' } : {}),
  };
  const client = new Client(config);
  const drop = (): void => dropSession(client, signal.reason);
  // A lost connection fails the query that runs on it; without a listener it would end the process as well.
  client.on('error', drop);
  signal.addEventListener('abort', drop, { once: true });
  client.once('end', () => signal.removeEventListener('abort', drop));
  try {
    await client.connect();
    return client;
  } catch (error) {
    dropSession(client);
    throw signal.aborted ? signal.reason : error;
  }
}

/** Ends a session without a word: the server may be too hung to answer a farewell. */
export function dropSession(client: Client, reason?: unknown): void {
  client.connection.stream.destroy(reason instanceof Error ? reason : undefined);
}

/** Opens a session, uses it, closes it. */
export async function withSession<T>(
  target: SessionTarget,
  signal: AbortSignal,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await openSession(target, signal);
  try {
    return await use(client);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    // The farewell and the end of the stream, in that order; an answer is not waited for.
    client.connection.end();
  }
}
