import { readFile, rm } from 'node:fs/promises';
import { StandaloneError } from '#standalone/standalone-error.ts';
import { lockFolder } from '#standalone/state/folder-lock.ts';
import { commandLine } from '../process/process-tree.ts';
import { waitFor } from '../process/wait-for.ts';
import { clusterFolder } from './cluster-folder.ts';
import { controlGroupsNamed, removeControlGroup } from './control-groups.ts';
import type { Holder } from './namespaces.ts';

const DOWN_MS = 40_000;
/** A look at the lock may put its file back into a folder that is being removed. */
const RETRIES = 5;

/** Ends a local cluster; returns whether there was one. What a killed keeper left behind is removed too. */
export async function down(stateFolder: string): Promise<boolean> {
  const folder = clusterFolder(stateFolder);
  const holder = await readHolder(folder.holder);
  if (holder === null) return false;
  const running = await isHeld(folder.root);
  if (running) {
    const keeper = await commandLine(holder.keeper);
    process.kill(holder.keeper, 'SIGTERM');
    // The lock goes with the folder, a moment before the keeper itself.
    const ended = async (): Promise<boolean> =>
      !(await isHeld(folder.root)) && (await commandLine(holder.keeper)) !== keeper;
    await waitFor(ended, { what: 'the end of the cluster', deadlineMs: DOWN_MS });
  }
  for (const name of await controlGroupsNamed(folder.controlGroupPrefix)) await removeControlGroup(name);
  await rm(folder.root, { recursive: true, force: true, maxRetries: RETRIES });
  return running;
}

/**
 * Whether a keeper lives is asked of the lock that it holds, not of its number: that may have gone to another process, or
 * be a dead one's that nobody has fetched yet.
 */
async function isHeld(root: string): Promise<boolean> {
  try {
    (await lockFolder(root)).release();
    return false;
  } catch (error) {
    // It removes the folder as its last deed.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    if (error instanceof StandaloneError && error.code === 'StateFolderInUse') return true;
    throw error;
  }
}

/** null where no cluster runs. */
export async function readHolder(file: string): Promise<Holder | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Holder;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
