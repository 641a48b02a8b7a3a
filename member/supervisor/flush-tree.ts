import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** File systems write out many files in one go where they are asked for together. */
const AT_ONCE = 16;

/** Flushes every file and folder below `directory`, and the directory itself, to disk. */
export async function flushTree(directory: string): Promise<void> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries.filter((e) => e.isFile() || e.isDirectory()).map((e) => join(e.parentPath, e.name));
  const queue = [directory, ...paths];
  const flushSome = async (): Promise<void> => {
    for (let path = queue.pop(); path !== undefined; path = queue.pop()) await flush(path);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, flushSome));
}

/** Flushes one file, or the names in one folder. */
export async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
