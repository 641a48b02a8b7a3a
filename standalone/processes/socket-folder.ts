import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFileIfPresent, writeFileAtomically } from '../state/atomic-file.ts';
import type { StateFolder } from '../state/state-folder.ts';

/** `outside`: not in the state folder, so it has to be removed at the end. */
export type SocketFolder = { readonly path: string; readonly outside: boolean };

/** A path of a Unix socket holds 103 characters on macOS and 107 on Linux, and a database adds 20 of its own. */
const LONGEST_FOLDER = 80;

/**
 * The folder for the databases' Unix sockets: in the state folder, or, where its path is too long, a temporary one. That
 * has a name which nobody can guess and put something in the way of, and is noted, so that the one of a run that was
 * killed is removed at the next start.
 */
export async function socketFolder(state: StateFolder): Promise<SocketFolder> {
  const note = state.file('socket-folder');
  const earlier = await readFileIfPresent(note);
  if (earlier !== null) await rm(earlier.trim(), { recursive: true, force: true });
  await rm(note, { force: true });
  if (state.file('run').length <= LONGEST_FOLDER) return { path: await state.childFolder('run'), outside: false };
  const path = await mkdtemp(join(tmpdir(), 'imapcluster-'));
  await writeFileAtomically(note, `${path}\n`);
  await state.give(path);
  return { path, outside: true };
}
