import { createHash } from 'node:crypto';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

const PERMISSIONS = 0o7777;

/** What is in a folder, by path: permissions and SHA-256 of each file, permissions of each folder. */
export async function filesOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const told = entries.map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    const mode = ((await lstat(path)).mode & PERMISSIONS).toString(8);
    const content = entry.isFile()
      ? createHash('sha256')
          .update(await readFile(path))
          .digest('hex')
      : 'folder';
    return [relative(folder, path), `${mode} ${content}`] as const;
  });
  return Object.fromEntries((await Promise.all(told)).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
