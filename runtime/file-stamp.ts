import { statSync } from 'node:fs';

/** A folder that may not be entered (any more): a process has given up its privileges. */
export const DENIED = 'denied';

/** Changes whenever one of the files does; one that is gone is a change as well. Links are followed: mounts swap them. */
export const fileStamp = (...files: readonly string[]): string => files.map(stampOf).join(', ');

function stampOf(file: string): string {
  try {
    const stat = statSync(file, { throwIfNoEntry: false });
    return stat === undefined ? 'none' : `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return DENIED;
    throw error;
  }
}
