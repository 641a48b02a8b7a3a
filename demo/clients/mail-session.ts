import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ImapFlow } from 'imapflow';
import type { Recorder } from './recorder.ts';

export type ImapEndpoint = { readonly host: string; readonly port: number; readonly secure: boolean };
export type Login = { readonly user: string; readonly password: string; readonly partition: string };

export type MailSession = {
  readonly name: string;
  readonly login: Login;
  readonly client: ImapFlow;
  /** Logs out; what happens to the connection from now on is the client's doing. */
  close(): Promise<void>;
};

const NEVER_MS = 24 * 3600 * 1000;

/**
 * One imapflow session that tells the recorder when its TCP connection opens, and when it ends by whose hand. It never
 * reconnects: a dropped session stays dropped and is counted.
 */
export async function openMailSession(options: {
  readonly name: string;
  readonly endpoint: ImapEndpoint;
  readonly login: Login;
  readonly recorder: Recorder;
}): Promise<MailSession> {
  const { name, endpoint, login, recorder } = options;
  let leaving = false;
  const watch = (socket: Socket): void => {
    socket.setNoDelay(true);
    const port = socket.localPort ?? 0;
    recorder.add({ kind: 'session', client: name, at: recorder.now(), what: 'opened', port });
    socket.once('close', () => {
      const what = leaving ? 'closed by client' : 'closed by server';
      recorder.add({ kind: 'session', client: name, at: recorder.now(), what, port });
    });
  };
  const client = new ImapFlow({
    ...endpoint,
    auth: { user: login.user, pass: login.password },
    logger: false,
    disableAutoIdle: true,
    // The demo's certificate is its own.
    tls: { rejectUnauthorized: false },
    transport: { connect: (to, onConnect) => openSocket({ ...endpoint, servername: to.servername }, watch, onConnect) },
    socketTimeout: NEVER_MS,
  });
  // imapflow reports a broken connection as an event; the socket's own end is what counts here.
  client.on('error', () => undefined);
  await client.connect();
  return {
    name,
    login,
    client,
    close: async () => {
      leaving = true;
      if (client.usable) await client.logout();
      else client.close();
    },
  };
}

function openSocket(
  to: ImapEndpoint & { readonly servername?: string | undefined },
  watch: (socket: Socket) => void,
  onConnect: () => void,
): Socket {
  const opened = (): void => {
    watch(socket);
    onConnect();
  };
  const socket: Socket = to.secure
    ? connectTls({ host: to.host, port: to.port, rejectUnauthorized: false }, opened)
    : connectTcp({ host: to.host, port: to.port }, opened);
  return socket;
}
