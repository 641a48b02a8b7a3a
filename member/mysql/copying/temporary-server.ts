import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { openConnection } from '#database/mysql/connection/open-connection.ts';
import { ConnectionLost } from '#database/mysql/connection/server-error.ts';
import { serverEnvironment } from '#database/mysql/programs/create-data.ts';
import { orAborted } from '#runtime/or-aborted.ts';
import { poll } from '#runtime/poll.ts';
import { settled } from '#runtime/settled.ts';
import { endHungStart } from '../../supervisor/end-hung-start.ts';
import { killServer } from '../../supervisor/kill-server.ts';
import { LogTail } from '../../supervisor/log-tail.ts';
import { signsOfWork } from '../../supervisor/signs-of-work.ts';

export type TemporaryServer = {
  readonly program: string;
  /** Its data; also where it works, by which what is left of it is found. */
  readonly directory: string;
  readonly socketPath: string;
  /** For its temporary files; made where it is not there. */
  readonly temporaryDirectory: string;
  /** As on its command line. */
  readonly options: readonly string[];
  /** What becomes of it when it is not needed any more: stopped in order where its data are. */
  readonly end: 'inOrder' | 'killed';
  readonly signal: AbortSignal;
};

/** One more session of `root`; all of them end with the server. */
export type Connect = () => Promise<MysqlConnection>;

const READY_POLL_MS = 20;
const HUNG_AFTER_MS = 60_000;
const LAST_WORDS = 5;

/**
 * Runs a server over data that are being made, for as long as `use` lasts. Nobody reaches it but over its socket. When this returns or
 * throws no process of it is left.
 *
 * @throws the signal's reason; what `use` throws; Error in the server's last words where it ended by itself
 */
export async function withTemporaryServer<T>(of: TemporaryServer, use: (connect: Connect) => Promise<T>): Promise<T> {
  const { directory, signal } = of;
  signal.throwIfAborted();
  await mkdir(of.temporaryDirectory, { recursive: true, mode: 0o700 });
  const running = launch(of);
  const life = new AbortController();
  try {
    await ready(of, running);
    const connect = (): Promise<MysqlConnection> => open(of.socketPath, life.signal);
    const answer = await orAborted(use(connect), signal);
    if (of.end === 'inOrder') await stopInOrder(running, signal);
    return answer;
  } catch (error) {
    if (error instanceof ConnectionLost && running.hasEnded()) throw running.failure(error);
    throw error;
  } finally {
    life.abort();
    await killServer(directory, running.hasEnded() ? null : (running.child.pid ?? null));
  }
}

type Running = {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  hasEnded(): boolean;
  failure(cause?: Error): Error;
};

function launch({ program, directory, socketPath, temporaryDirectory, options }: TemporaryServer): Running {
  const fixed = [
    ...['--no-defaults', `--datadir=${directory}`, `--tmpdir=${temporaryDirectory}`, '--skip-networking'],
    ...[`--socket=${socketPath}`, `--pid-file=${join(directory, 'server.pid')}`],
  ];
  const child = spawn(program, [...fixed, ...options], {
    cwd: directory,
    env: { ...serverEnvironment },
    stdio: ['ignore', 'ignore', 'pipe'],
    // Ctrl-C in a terminal is for the agent.
    detached: true,
  });
  const tail = new LogTail(LAST_WORDS, () => undefined);
  child.stderr.setEncoding('utf8').on('data', (text: string) => tail.push(text));
  const { promise: ended, resolve } = Promise.withResolvers<number | null>();
  let over = false;
  const end = (code: number | null): void => {
    over = true;
    resolve(code);
  };
  child.once('exit', end).once('error', (error) => {
    tail.push(`${program}: ${error.message}\n`);
    if (child.pid === undefined) end(null);
  });
  const failure = (cause?: Error): Error =>
    new Error(`the server that makes the copy ended:\n${tail.lines.join('\n')}`, { cause });
  return { child, ended, hasEnded: () => over, failure };
}

/** A recovery may last: one that works is waited for. */
async function ready({ directory, socketPath, signal }: TemporaryServer, running: Running): Promise<void> {
  const over = new AbortController();
  const signs = (): Promise<string | null> => signsOfWork(directory);
  const end = async (): Promise<void> => void running.child.kill('SIGKILL');
  void settled(endHungStart({ afterMs: HUNG_AFTER_MS, signs, over: over.signal, end }));
  try {
    await poll(READY_POLL_MS, signal, async () => {
      if (running.hasEnded()) throw running.failure();
      try {
        (await open(socketPath, signal)).abandon();
        return true;
      } catch (error) {
        if (error instanceof ConnectionLost) return null;
        throw error;
      }
    });
  } finally {
    over.abort();
  }
}

const open = (socketPath: string, signal: AbortSignal): Promise<MysqlConnection> =>
  openConnection({ endpoint: { socketPath }, user: 'root', password: '', role: 'admin', signal });

async function stopInOrder({ child, ended, failure }: Running, signal: AbortSignal): Promise<void> {
  child.kill('SIGTERM');
  if ((await orAborted(ended, signal)) !== 0) throw failure();
}
