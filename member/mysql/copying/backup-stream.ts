import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { rowsOf } from '#database/mysql/sessions/rows-of.ts';
import { pause } from '#runtime/deadline.ts';
import { settled } from '#runtime/settled.ts';
import { renderOptions } from '../settings/options-file.ts';
import type { BackupPrograms } from './backup-programs.ts';
import { COPY_USER, makeCopyAccount, removeCopyAccount } from './copy-account.ts';
import { ReadAhead } from './read-ahead.ts';
import { startTool } from './start-tool.ts';

export type BackupRequest = {
  readonly programs: BackupPrograms;
  readonly socketPath: string;
  readonly dataDirectory: string;
  /** A folder that is not there yet, and is removed in the end. */
  readonly aside: string;
  /** Whether commits are held in the last moment (`serving-backups.ts`). */
  readonly locked: boolean;
  /** Runs something in a session of the agent. */
  readonly admin: <T>(signal: AbortSignal, use: (admin: MysqlConnection) => Promise<T>) => Promise<T>;
};

/** The program says nothing and sends nothing, although what it sends is taken: it hangs. */
const SILENT_MS = 120_000;
const LOCK_POLL_MS = 1_000;
const LOOK_MS = 2_000;
/** In its own words: it is about to hold commits, and has little more to say. */
const HOLDS = /Starting BACKUP STAGE BLOCK_COMMIT/;
/** While it waits for commits that are under way, no other one gets on. */
const LOCK_WAIT_S = 5;
const CLEAN_UP_MS = 5_000;

/**
 * A copy of the server that runs in `dataDirectory`, made by MariaDB's own program while it goes on: what `mbstream` unpacks. Given up
 * when no more is taken; the program is killed then.
 *
 * @throws Error in the program's words
 */
export async function* backupStream(request: BackupRequest, signal: AbortSignal): AsyncGenerator<Buffer> {
  const over = new AbortController();
  const limit = AbortSignal.any([signal, over.signal]);
  try {
    yield* streamOf(await prepareFolder(request, limit), { request, over, limit });
  } finally {
    over.abort(new Error('the copy was given up'));
    await cleanUp(request);
  }
}

/** @returns the file of options */
async function prepareFolder({ aside, admin, ...place }: BackupRequest, signal: AbortSignal): Promise<string> {
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { mode: 0o700 });
  const password = await admin(signal, makeCopyAccount);
  const file = join(aside, 'backup.cnf');
  // Newer ones want a certificate even of the other end of a local socket.
  const ways = { socket: place.socketPath, ssl: '0' };
  const options = { user: COPY_USER, password, datadir: place.dataDirectory, ...ways };
  // Not on the command line, which everybody on this machine may read.
  await writeFile(file, renderOptions(options, 'mariadb-backup'), { mode: 0o600 });
  return file;
}

type Run = { readonly request: BackupRequest; readonly over: AbortController; readonly limit: AbortSignal };

async function* streamOf(file: string, { request, over, limit }: Run): AsyncGenerator<Buffer> {
  const { programs, aside, locked } = request;
  // Where more than one commit waits the server does not even tell where its log is (SHOW MASTER STATUS).
  const lock = locked ? [] : ['--no-lock', '--binlog-info=OFF'];
  const where = [`--target-dir=${aside}`, `--tmpdir=${aside}`];
  const args = [`--defaults-file=${file}`, '--backup', '--stream=mbstream', ...where, ...lock];
  const silence = new Silence(() => over.abort(new Error('mariadb-backup hangs')));
  const onLine = (line: string): void => {
    silence.heard();
    // Whoever takes it slowly is not to hold up those who write here.
    if (HOLDS.test(line)) ahead.hold();
  };
  const tool = startTool(programs.backup, { args, stdio: ['ignore', 'pipe'], signal: limit, onLine });
  const ahead = new ReadAhead(tool.child.stdout as Readable);
  const watching = settled(watchLock(request, over));
  try {
    for await (const piece of ahead.pieces()) {
      silence.suspend();
      yield piece;
      silence.heard();
    }
    await tool.ended;
  } finally {
    silence.end();
    tool.child.kill('SIGKILL');
    over.abort(new Error('the copy was given up'));
    await Promise.all([settled(tool.ended), watching]);
  }
}

/** Ends a copy whose last moment does not come: some commit waits, perhaps for the very member that is to have the copy. */
async function watchLock({ admin, locked }: BackupRequest, over: AbortController): Promise<void> {
  const text = `SELECT COALESCE(MAX(time), 0) AS seconds FROM information_schema.processlist
WHERE user = ? AND info LIKE 'BACKUP STAGE%COMMIT%' AND state LIKE 'Waiting%'`;
  while (locked && (await pause(LOCK_POLL_MS, over.signal)) === 'elapsed') {
    const limit = AbortSignal.any([over.signal, AbortSignal.timeout(LOOK_MS)]);
    // A look that fails says nothing; the next one does.
    const [row] = await admin(limit, (session) =>
      rowsOf<{ readonly seconds: number }>(session, { name: 'lock-wait', text, values: [COPY_USER] }),
    ).catch(() => []);
    if (row !== undefined && row.seconds >= LOCK_WAIT_S) {
      over.abort(new Error('commits are under way that do not end: they cannot be held while the copy is completed'));
    }
  }
}

/** What is not done is done before the next copy. */
async function cleanUp({ admin, aside }: BackupRequest): Promise<void> {
  await settled(admin(AbortSignal.timeout(CLEAN_UP_MS), removeCopyAccount));
  await rm(aside, { recursive: true, force: true });
}

/** Fires where nothing is heard for long; not while whoever takes the copy is busy. */
class Silence {
  readonly #timer: NodeJS.Timeout;
  #suspended = false;

  constructor(onSilent: () => void) {
    this.#timer = setTimeout(() => {
      if (this.#suspended) this.#timer.refresh();
      else onSilent();
    }, SILENT_MS);
  }

  heard(): void {
    this.#suspended = false;
    this.#timer.refresh();
  }

  suspend(): void {
    this.#suspended = true;
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
