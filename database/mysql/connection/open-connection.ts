import { connect as connectSocket, type Socket } from 'node:net';
import { type ConnectionOptions, createConnection, type Connection as Wire } from 'mysql2';
import type { DatabaseTls } from '#contract/database-tls.ts';
import { within } from '#runtime/deadline.ts';
import { nameToShow } from '../../tls/verified-tls.ts';
import { flavourOf } from '../flavour.ts';
import { signInByEd25519 } from './ed25519.ts';
import { MysqlConnection } from './mysql-connection.ts';
import { withOwnCode } from './own-code.ts';
import { ConnectionLost, errorOf } from './server-error.ts';
import { checkFitness, type Fitness, type SessionRole, selectFitness, sessionSettings } from './session-settings.ts';
import type { Statement } from './statement.ts';

export type Endpoint = { readonly host: string; readonly port: number } | { readonly socketPath: string };

export type OpenConnection = {
  readonly endpoint: Endpoint;
  readonly user: string;
  readonly password: string;
  readonly database?: string;
  readonly role: SessionRole;
  /** How the server's lists of sessions call it. */
  readonly programName?: string;
  /** Sent behind the settings, in the same round trip. */
  readonly first?: readonly Statement[];
  /** How the server proves who it is, before it is told a password. Absent: no TLS. */
  readonly tls?: DatabaseTls | undefined;
  /** How long TCP, TLS and signing in may take, and then the settings, ms. */
  readonly timeoutMs?: number;
  /** Drops the connection, whatever is under way. */
  readonly signal?: AbortSignal;
};

const TIMEOUT_MS = 2_000;
/** Silence after which the kernel asks whether the other end is still there. */
const KEEP_ALIVE_MS = 5_000;
/** Texts of prepared statements that a connection keeps; the store has some hundred. */
const PREPARED = 512;

/**
 * A session with our settings (session-settings.ts).
 * @throws ServerError where it is refused, ConnectionLost where nobody answers, ServerUnfit
 */
export async function openConnection(options: OpenConnection): Promise<MysqlConnection> {
  const { role, signal, timeoutMs = TIMEOUT_MS, first = [] } = options;
  signal?.throwIfAborted();
  const socket = dial(options.endpoint);
  const wire = createConnection({ ...driverOptions(options, socket), connectTimeout: timeoutMs });
  const drop = (): void => void socket.destroy(new ConnectionLost('abandoned', { cause: signal?.reason }));
  signal?.addEventListener('abort', drop, { once: true });
  socket.once('close', () => signal?.removeEventListener('abort', drop));
  const { serverVersion, connectionId } = await greeted(wire, socket, signal);
  const connection = new MysqlConnection(wire, { flavour: flavourOf(serverVersion), id: connectionId });
  try {
    const settings = sessionSettings(role, connection.flavour);
    const answers = await within(
      timeoutMs,
      'session settings',
      connection.batch([...settings, ...first, selectFitness]),
    );
    if (role === 'write') checkFitness(answers.at(-1)?.rows[0] as Fitness);
    return connection;
  } catch (error) {
    connection.abandon();
    throw error;
  }
}

function dial(endpoint: Endpoint): Socket {
  if ('socketPath' in endpoint) return connectSocket(endpoint.socketPath);
  return connectSocket({
    ...endpoint,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
  });
}

function driverOptions(options: OpenConnection, socket: Socket): Parameters<typeof createConnection>[0] & object {
  const { endpoint, user, password, database, tls, programName = 'imapcluster' } = options;
  return {
    user,
    password,
    ...(database === undefined ? {} : { database }),
    stream: () => socket,
    // Told apart from TCP by the driver: a password may go through it as it is.
    ...('socketPath' in endpoint ? { socketPath: endpoint.socketPath } : {}),
    ...(tls === undefined ? {} : tlsOptions(tls, endpoint, socket)),
    authPlugins: { client_ed25519: () => signInByEd25519(password) },
    // Else a server could ask for any file of ours.
    flags: ['-LOCAL_FILES'],
    multipleStatements: true,
    maxPreparedStatements: PREPARED,
    charset: 'utf8mb4_bin',
    timezone: 'Z',
    dateStrings: ['DATE'],
    supportBigNumbers: true,
    // MariaDB has JSON as text, so it is text of MySQL too.
    jsonStrings: true,
    trace: false,
    connectAttributes: { program_name: programName },
  };
}

/** The name, not the address: the driver verifies nothing else. */
function tlsOptions(tls: DatabaseTls, endpoint: Endpoint, socket: Socket): Pick<ConnectionOptions, 'host' | 'ssl'> {
  const host = nameToShow(tls, 'host' in endpoint ? endpoint.host : 'localhost');
  // Of an address it gives Node no name to verify; Node then takes the one that a socket was connected to, which it keeps here.
  Object.assign(socket, { _host: host });
  const { ca } = tls;
  return {
    host,
    ssl: {
      ...(ca === undefined ? {} : { ca }),
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true,
      verifyIdentity: true,
    },
  };
}

type Greeting = { readonly serverVersion: string; readonly connectionId: number };

async function greeted(wire: Wire, socket: Socket, signal?: AbortSignal): Promise<Greeting> {
  const { promise, resolve, reject } = Promise.withResolvers<Greeting>();
  wire.once('connect', resolve);
  wire.once('error', reject);
  try {
    return await promise;
  } catch (cause) {
    // More may come of the same.
    wire.on('error', () => undefined);
    socket.destroy();
    // What TLS makes of that is a server that hung up.
    if (signal?.aborted === true) throw new ConnectionLost('abandoned', { cause: signal.reason });
    throw errorOf(withOwnCode(cause), { index: -1, name: 'sign-in' });
  } finally {
    wire.off('connect', resolve);
    wire.off('error', reject);
  }
}
