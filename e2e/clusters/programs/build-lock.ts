import { mkdir } from 'node:fs/promises';
import { pause } from '#runtime/deadline.ts';
import { StandaloneError } from '#standalone/standalone-error.ts';
import { type FolderLock, lockFolder } from '#standalone/state/folder-lock.ts';

const AGAIN_MS = 1_000;

/**
 * One builder at a time: two would compile the same Kubernetes side by side. Waits for the other, however long it takes, and
 * says so once; a holder that dies lets go by that.
 */
export async function lockCache(folder: string, signal: AbortSignal, say: (text: string) => void): Promise<FolderLock> {
  await mkdir(folder, { recursive: true });
  for (let told = false; ; told = true) {
    try {
      return await lockFolder(folder);
    } catch (error) {
      if (!(error instanceof StandaloneError) || error.code !== 'StateFolderInUse') throw error;
      if (!told) say(`waiting for another build of the same programs in ${folder}`);
    }
    if ((await pause(AGAIN_MS, signal)) === 'aborted') throw signal.reason;
  }
}
