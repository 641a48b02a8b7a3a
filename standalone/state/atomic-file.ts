import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Replaces a file so that a power cut leaves the old content or the new, never a part: written aside, flushed, renamed,
 * and the folder flushed, without which the renaming itself may be lost.
 */
export async function writeFileAtomically(path: string, content: string, mode = 0o600): Promise<void> {
  const aside = `${path}.new`;
  await using file = await open(aside, 'w', mode);
  await file.writeFile(content);
  await file.sync();
  await rename(aside, path);
  await using folder = await open(dirname(path), 'r');
  await folder.sync();
}

/** The content of a file, or null where there is none. */
export async function readFileIfPresent(path: string): Promise<string | null> {
  return await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return null;
    throw cause;
  });
}
