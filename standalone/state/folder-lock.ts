import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StandaloneError } from '../standalone-error.ts';
import { readFileIfPresent } from './atomic-file.ts';

const SQLITE_BUSY = 5;

/** Held until it is released or the process ends. */
export type FolderLock = { release(): void };

/**
 * Holds the state folder against a second run. The lock is SQLite's, on an otherwise empty file: the kernel drops it
 * when the holder dies, however it dies, so that there is nothing to clean up and nothing to misjudge after a kill -9.
 * The process number beside it is for the message only.
 *
 * @throws StandaloneError StateFolderInUse
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const holder = join(folder, 'lock.pid');
  const file = join(folder, 'lock');
  // Nobody else may take part in the locking: a reader's lock would keep us out.
  closeSync(openSync(file, 'a', 0o600));
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    // The journal would be one more file, and there is never anything to roll back.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    if ((cause as { readonly errcode?: number }).errcode !== SQLITE_BUSY) throw cause;
    const pid = (await readFileIfPresent(holder))?.trim() ?? 'unknown';
    const message = `${folder} is in use by process ${pid}: stop that run, or name another folder with --state`;
    throw new StandaloneError('StateFolderInUse', message, { cause });
  }
  writeFileSync(holder, `${process.pid}\n`);
  return { release: () => database.close() };
}
