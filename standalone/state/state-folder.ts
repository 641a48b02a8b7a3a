import { constants } from 'node:fs';
import { access, chmod, chown, mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { RunAs } from '#runtime/privileges.ts';
import { closedFolderAbove } from '../run-as.ts';
import { StandaloneError } from '../standalone-error.ts';
import { readFileIfPresent, writeFileAtomically } from './atomic-file.ts';
import { type FolderLock, lockFolder } from './folder-lock.ts';

/** Layout of the folder. + 1 whenever an older version could no longer read what a newer one writes. */
const FORMAT = 1;

/**
 * Everything a run keeps, and everything it writes:
 *
 *   version  lock  ports.json  manifests.json     the supervisor's
 *   keys/    tls/  secrets/  credentials/         signing key, certificate, passwords
 *   config/                                       configuration of every child, written anew at each start
 *   operator/                                     records of the partitions, routing document
 *   members/PARTITION/MEMBER/                     databases, and the notes of their agents
 *   postgres/                                     copy of the database programs, only where they cannot be run in place
 */
export class StateFolder {
  readonly path: string;
  readonly #lock: FolderLock;
  readonly #owner: RunAs | null;

  private constructor(path: string, lock: FolderLock, owner: RunAs | null) {
    this.path = path;
    this.#lock = lock;
    this.#owner = owner;
  }

  /**
   * Opens or makes the folder and locks it.
   * @param owner whom the children run as, where that is somebody else: their parts are given to that user
   * @throws StandaloneError StateFolderInUse, StateFolderTooNew, ConfigurationInvalid
   */
  static async open(folder: string, owner: RunAs | null): Promise<StateFolder> {
    const path = resolve(folder);
    await makeFolder(path);
    await refuseStrangers(path);
    const lock = await lockFolder(path);
    try {
      await checkVersion(path);
      // The children must pass through it, but not list it; what is secret has a mode of its own.
      await chmod(path, owner === null ? 0o700 : 0o711);
      await refuseUnreachable(path, owner);
      return new StateFolder(path, lock, owner);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  file(...parts: readonly string[]): string {
    return join(this.path, ...parts);
  }

  /** A folder that the children own and nobody else enters. */
  async childFolder(...parts: readonly string[]): Promise<string> {
    const path = this.file(...parts);
    await mkdir(path, { recursive: true, mode: 0o700 });
    for (let length = 1; length <= parts.length; length++) await this.give(this.file(...parts.slice(0, length)));
    return path;
  }

  /** A file that the children may read and nobody else. */
  async writeForChildren(content: string, ...parts: readonly string[]): Promise<string> {
    await this.childFolder(...parts.slice(0, -1));
    const path = this.file(...parts);
    await writeFileAtomically(path, content);
    await this.give(path);
    return path;
  }

  /** Makes the children's user the owner, where that is another than ours. */
  async give(path: string): Promise<void> {
    if (this.#owner !== null) await chown(path, this.#owner.uid, this.#owner.gid);
  }

  close(): void {
    this.#lock.release();
  }
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    // Said by whoever knows what to do about it: space-missing.ts.
    if (code === 'ENOSPC' || code === 'EDQUOT') throw cause;
    const why = code === 'EEXIST' ? 'it is a file' : message;
    const advice = `the state folder ${path} cannot be used (${why}): name another with --state`;
    throw new StandaloneError('ConfigurationInvalid', advice, { cause });
  }
}

/** Children that cannot reach their folders would be started for ever in vain. */
async function refuseUnreachable(path: string, owner: RunAs | null): Promise<void> {
  const closed = owner === null ? null : await closedFolderAbove(owner, path);
  if (closed === null) return;
  throw new StandaloneError(
    'ConfigurationInvalid',
    `${path}: the databases run as uid ${owner?.uid}, which cannot enter ${closed}; name another folder with --state, or chmod o+x ${closed}`,
  );
}

/** A mistyped --state must not scatter our files over somebody's home folder. */
async function refuseStrangers(path: string): Promise<void> {
  if ((await readFileIfPresent(join(path, 'version'))) !== null) return;
  const strangers = (await readdir(path)).filter((name) => !name.startsWith('lock'));
  if (strangers.length === 0) return;
  const message = `${path} is not a state folder and not empty (it holds ${strangers[0]}): name another with --state`;
  throw new StandaloneError('ConfigurationInvalid', message);
}

async function checkVersion(path: string): Promise<void> {
  const file = join(path, 'version');
  const text = await readFileIfPresent(file);
  if (text === null) return await writeFileAtomically(file, `${FORMAT}\n`);
  const version = Number(text);
  if (!Number.isInteger(version) || version < 1) {
    throw new StandaloneError('ConfigurationInvalid', `${file}: found ${JSON.stringify(text.trim())}, not a version`);
  }
  if (version > FORMAT) {
    const message = `${path} has format ${version}, this version knows ${FORMAT}: use the newer version that wrote it`;
    throw new StandaloneError('StateFolderTooNew', message);
  }
}
