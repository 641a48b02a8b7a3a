import { once } from 'node:events';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import type { Duplex } from 'node:stream';
import { CONTROL_SOCKET } from '#contract/control-api.ts';
import { socketPath } from '#runtime/socket-path.ts';
import { CliError, EXIT } from '../cli-error.ts';
import { version } from '../version.ts';
import type { ClusterConnection, Evidence, LogStream, RunningVersion } from './cluster-connection.ts';
import { HttpConnection } from './http-connection.ts';
import type { HttpPeer } from './http-peer.ts';
import { StreamAgent } from './stream-agent.ts';

const SOCKETS = 32;

/** A cluster of `npm run standalone`, over the Unix socket in its state folder. */
export class ControlSocketConnection extends HttpConnection implements ClusterConnection {
  constructor(stateFolder: string) {
    const peer = peerAt(pathIn(stateFolder));
    super({ control: peer, mail: peer });
  }

  async logs(): Promise<readonly LogStream[]> {
    throw new CliError(
      'standalone writes its logs, those of all its programs, to the standard error of `npm run standalone`: look there',
    );
  }

  /** What is started from this checkout is of its version. */
  async versions(): Promise<readonly RunningVersion[]> {
    return [{ what: 'standalone', version }];
  }

  async *evidence(): AsyncGenerator<Evidence> {
    yield {
      path: 'logs/README.txt',
      text: 'Standalone writes its logs to standard error; please add what it has written there.\n',
    };
  }
}

function pathIn(stateFolder: string): string {
  try {
    return socketPath(join(resolve(stateFolder), CONTROL_SOCKET), process.cwd());
  } catch (cause) {
    throw new CliError(`${(cause as Error).message}; run imapctl from inside that folder`, EXIT.usage, { cause });
  }
}

function peerAt(path: string): HttpPeer {
  const open = async (): Promise<Duplex> => {
    const socket = connect(path);
    await once(socket, 'connect');
    return socket;
  };
  return {
    agent: new StreamAgent(open, SOCKETS),
    beginning: async () => '/v1',
    headers: async () => ({}),
    unreachable: (cause) => unreachable(path, cause),
    hasOthers: false,
  };
}

function unreachable(path: string, cause: NodeJS.ErrnoException): CliError {
  if (cause.code === 'EACCES') {
    const message = `${path} belongs to another user: run imapctl as the one who runs standalone`;
    return new CliError(message, EXIT.unreachable, { cause });
  }
  const why = cause.code === 'ENOENT' || cause.code === 'ECONNREFUSED' ? 'nothing runs there' : cause.message;
  const message = `no answer from ${path} (${why}): start \`npm run standalone\`, or name its folder with --state`;
  return new CliError(message, EXIT.unreachable, { cause });
}
