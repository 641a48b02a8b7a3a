import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { RunAs } from '#runtime/privileges.ts';
import { StandaloneError } from './standalone-error.ts';

const DEFAULT_USER = 'nobody';

/**
 * Whom the children become: null for an ordinary user's run, since they are that user already. Root's children become
 * `user`: a database server refuses to run as root, and nothing that talks to the network should.
 *
 * @throws StandaloneError ConfigurationInvalid for a user that does not exist, or is root
 */
export async function resolveRunAs(user: string | undefined): Promise<RunAs | null> {
  if (process.getuid?.() !== 0) {
    if (user === undefined) return null;
    throw new StandaloneError('ConfigurationInvalid', '--user is for root: other users cannot become somebody else');
  }
  const name = user ?? DEFAULT_USER;
  const [uid, gid] = await Promise.all([idOf(name, '-u'), idOf(name, '-g')]);
  if (uid === 0) throw new StandaloneError('ConfigurationInvalid', `--user ${name}: databases do not run as root`);
  return { uid, gid };
}

async function idOf(name: string, which: '-u' | '-g'): Promise<number> {
  try {
    const { stdout } = await promisify(execFile)('id', [which, '--', name]);
    return Number(stdout.trim());
  } catch (cause) {
    throw new StandaloneError('ConfigurationInvalid', `--user ${name}: there is no such user`, { cause });
  }
}

const EXECUTE = 0o1;
const READ = 0o4;

/** Whether `who` may read the file or folder and enter every folder above it. Links are followed. */
export async function isReachableFor(who: RunAs | null, path: string): Promise<boolean> {
  if (who === null) return true;
  return (await permits(who, resolve(path), READ)) && (await closedFolderAbove(who, path)) === null;
}

/** The nearest folder above `path` that `who` cannot enter; null where the way is free. */
export async function closedFolderAbove(who: RunAs, path: string): Promise<string | null> {
  for (let at = resolve(path); at !== dirname(at); at = dirname(at)) {
    if (!(await permits(who, dirname(at), EXECUTE))) return dirname(at);
  }
  return null;
}

async function permits(who: RunAs, path: string, right: number): Promise<boolean> {
  const { mode, uid, gid } = await stat(path);
  // The first class that fits decides, as in the kernel. Further groups are given up with root.
  if (uid === who.uid) return (mode & (right << 6)) !== 0;
  if (gid === who.gid) return (mode & (right << 3)) !== 0;
  return (mode & right) !== 0;
}
