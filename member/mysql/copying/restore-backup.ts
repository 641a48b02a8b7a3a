import { once } from 'node:events';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { pause } from '#runtime/deadline.ts';
import { signsOfWork } from '../../supervisor/signs-of-work.ts';
import type { BackupPrograms } from './backup-programs.ts';
import { startTool } from './start-tool.ts';

export type Restore = {
  readonly programs: BackupPrograms;
  /** The folder that is to hold the data, and one that is removed in the end. */
  readonly incoming: string;
  readonly aside: string;
  /** Called each time that it is seen to get on. */
  readonly onWork: () => void;
  readonly signal: AbortSignal;
};

/** Beside the server, which does not run then, there is room for little. */
const MEMORY = '64M';
const LOOK_MS = 2_000;
const NOTES = /^(xtrabackup_|mariadb_backup_|backup-my\.cnf$)/;

/** Unpacks what `mariadb-backup --stream=mbstream` has sent. */
export async function unpack(
  pieces: AsyncIterable<Buffer>,
  { programs, incoming, signal }: Restore,
  onOctets: (octets: number) => void,
): Promise<void> {
  const over = new AbortController();
  const limit = AbortSignal.any([signal, over.signal]);
  const tool = startTool(programs.unpack, { args: ['-x', '-C', incoming], stdio: ['pipe', 'ignore'], signal: limit });
  const stdin = tool.child.stdin as Writable;
  // Before its time: in its last words, where it has any.
  const early = tool.ended.then(() => Promise.reject(new Error('mbstream ended before the copy')));
  early.catch(() => undefined);
  try {
    for await (const piece of pieces) {
      if (!stdin.write(piece)) await Promise.race([once(stdin, 'drain', { signal: limit }), early]);
      onOctets(piece.length);
    }
    stdin.end();
    await tool.ended;
  } catch (error) {
    over.abort(error);
    await tool.ended.catch(() => undefined);
    throw ofOwnDisk(error);
  }
}

/** Makes of unpacked files what a server can start on: as they were at the moment at which the copy ended. */
export async function prepare(restore: Restore): Promise<void> {
  const { programs, incoming, aside } = restore;
  const where = [`--target-dir=${incoming}`, `--tmpdir=${aside}`];
  await work(restore, programs.backup, ['--no-defaults', '--prepare', `--use-memory=${MEMORY}`, ...where]);
}

/**
 * The log that the copy ends with, by what its program has noted: `1-4711-27`, one a domain, with commas between them; '' where there
 * was none yet.
 * @throws Error where it has noted nothing
 */
export async function notedPosition(incoming: string): Promise<string> {
  for (const name of ['mariadb_backup_binlog_info', 'xtrabackup_binlog_info']) {
    const text = await readIfThere(join(incoming, name));
    if (text !== null) return text.trimEnd().split('\t')[2] ?? '';
  }
  throw new Error('the copy does not tell of the log of its server');
}

/** What the program has left beside the data. */
export async function removeNotes(incoming: string): Promise<void> {
  const notes = (await readdir(incoming)).filter((name) => NOTES.test(name));
  for (const name of notes) await rm(join(incoming, name));
}

async function work({ signal, onWork, incoming }: Restore, program: string, args: readonly string[]): Promise<void> {
  const tool = startTool(program, { args, stdio: ['ignore', 'ignore'], signal, onLine: onWork });
  const over = new AbortController();
  const watching = watchWork(incoming, onWork, over.signal);
  try {
    await tool.ended;
  } catch (error) {
    throw ofOwnDisk(error);
  } finally {
    over.abort();
    await watching;
  }
}

/** It says little while it applies what was written meanwhile. Where this system does not tell, it is taken to get on. */
async function watchWork(incoming: string, onWork: () => void, signal: AbortSignal): Promise<void> {
  let before: string | null = null;
  while ((await pause(LOOK_MS, signal)) === 'elapsed') {
    const signs = await signsOfWork(incoming);
    if (signs === null || signs !== before) onWork();
    before = signs;
  }
}

/** In the system's word, by which the operator knows that the disk that is full is the recipient's. */
function ofOwnDisk(error: unknown): unknown {
  const message = error instanceof Error ? error.message : '';
  return /no space left on device|errno:? 28\b/i.test(message) && !message.includes('ENOSPC')
    ? new Error(`ENOSPC: no space left on device: ${message}`, { cause: error })
    : error;
}

async function readIfThere(path: string): Promise<string | null> {
  return await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}
