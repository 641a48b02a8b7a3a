import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ImapFlow } from 'imapflow';
import type { Outcome } from '../checker/history.ts';
import { Dialogue } from './dialogue.ts';
import type { Recorder } from './recorder.ts';
import { Refusals, refusalOf } from './refusals.ts';
import { ResponseLines } from './response-lines.ts';

export type ImapEndpoint = { readonly host: string; readonly port: number; readonly secure: boolean };
export type Login = { readonly user: string; readonly password: string; readonly partition: string };

export type MailSession = {
  readonly name: string;
  readonly login: Login;
  readonly client: ImapFlow;
  readonly ends: ConnectionEnds;
  /** Runs one request and notes in the history that it was asked and answered; `request` gives back false for a NO. */
  ask<T>(name: string, request: () => Promise<T | false | undefined>): Promise<Asked<T>>;
  /** Lets the server tell what is new. */
  noop(): Promise<Asked<true>>;
  /** Logs out; what happens to the connection from now on is the client's doing. */
  close(): Promise<void>;
};

/** Addresses of its TCP connection. */
export type ConnectionEnds = {
  readonly local: string;
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
};

/** What became of a request, and when: `begun` is taken before the first byte leaves, `ended` after the answer is read. */
export type Asked<T> = {
  readonly begun: number;
  readonly ended: number;
  readonly outcome: Outcome;
  readonly value: T | null;
  /** Why there is none, in the server's words or the client's. */
  readonly refusal: string | null;
};

const NEVER_MS = 24 * 3600 * 1000;

/**
 * One imapflow session that tells the recorder when its TCP connection opens, what the server says when it takes leave, and
 * when the connection ends by whose hand. It never reconnects: a dropped session stays dropped and is counted.
 */
export async function openMailSession(options: {
  readonly name: string;
  readonly endpoint: ImapEndpoint;
  readonly login: Login;
  readonly recorder: Recorder;
}): Promise<MailSession> {
  const { name, endpoint, login, recorder } = options;
  let leaving = false;
  const refusals = new Refusals();
  let arrived = 0;
  const dialogue = new Dialogue(recorder.now, (words, open) =>
    recorder.add({ kind: 'bye', client: name, at: arrived, words, open }),
  );
  const heard = new ResponseLines((line) => {
    if (dialogue.heard(line, arrived) === 'COMPRESS' && / OK /.test(line)) heard.compress();
  });
  let ends: ConnectionEnds = { local: '', localPort: 0, remote: '', remotePort: 0 };
  const watch = (socket: Socket): void => {
    socket.setNoDelay(true);
    const port = socket.localPort ?? 0;
    ends = {
      local: socket.localAddress ?? '',
      localPort: port,
      remote: socket.remoteAddress ?? '',
      remotePort: socket.remotePort ?? 0,
    };
    recorder.add({ kind: 'session', client: name, at: recorder.now(), what: 'opened', port });
    // imapflow forgets what it has not looked at when the connection ends: a BYE right behind an answer.
    socket.on('data', (octets: Buffer) => {
      arrived = recorder.now();
      heard.push(octets);
    });
    socket.once('close', () => {
      const what = leaving ? 'closed by client' : 'closed by server';
      recorder.add({ kind: 'session', client: name, at: recorder.now(), what, port });
    });
  };
  const client = new ImapFlow({
    ...endpoint,
    auth: { user: login.user, pass: login.password },
    logger: { ...refusals, debug: dialogue.note, trace: dialogue.note },
    disableAutoIdle: true,
    // The demo's certificate is its own.
    tls: { rejectUnauthorized: false },
    transport: { connect: (to, onConnect) => openSocket({ ...endpoint, servername: to.servername }, watch, onConnect) },
    socketTimeout: NEVER_MS,
  });
  // imapflow reports a broken connection as an event; the socket's own end is what counts here.
  client.on('error', () => undefined);
  const signIn = recorder.request(name, 'LOGIN');
  await client.connect();
  signIn.answered();
  const asker: Asker = { client, recorder, name, refusals };
  return {
    name,
    login,
    client,
    ends,
    ask: (request, run) => ask(asker, request, run),
    noop: () => ask(asker, 'NOOP', () => noop(asker)),
    close: async () => {
      leaving = true;
      if (client.usable) await client.logout();
      else client.close();
    },
  };
}

type Asker = {
  readonly client: ImapFlow;
  readonly recorder: Recorder;
  readonly name: string;
  readonly refusals: Refusals;
};

async function ask<T>(
  { client, recorder, name, refusals }: Asker,
  request: string,
  run: () => Promise<T | false | undefined>,
): Promise<Asked<T>> {
  const pending = recorder.request(name, request);
  refusals.last = null;
  // A connection that has ended answers nothing.
  const unknown = (refusal: string): Asked<T> => {
    const ended = client.usable ? pending.answered() : recorder.now();
    return { begun: pending.begun, ended, outcome: 'unknown', value: null, refusal };
  };
  try {
    const value = await run();
    if (value === false || value === undefined) return unknown(refusals.last ?? 'refused');
    return { begun: pending.begun, ended: pending.answered(), outcome: 'ok', value, refusal: null };
  } catch (cause) {
    if (cause instanceof Error) return unknown(refusalOf(cause));
    throw cause;
  }
}

/** imapflow's own gives back nothing, whatever the answer. */
async function noop({ client, refusals }: Asker): Promise<boolean> {
  await client.noop();
  return refusals.last === null;
}

function openSocket(
  to: ImapEndpoint & { readonly servername?: string | undefined },
  watch: (socket: Socket) => void,
  onConnect: () => void,
): Socket {
  const opened = (): void => {
    onConnect();
    // Afterwards: who listens for octets sets them flowing.
    watch(socket);
  };
  const socket: Socket = to.secure
    ? connectTls({ host: to.host, port: to.port, rejectUnauthorized: false }, opened)
    : connectTcp({ host: to.host, port: to.port }, opened);
  return socket;
}
