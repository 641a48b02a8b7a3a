import { mkdir, open } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import type { Readable } from 'node:stream';
import { extract, type Header } from 'tar-stream';

/** Writes a tar archive below `directory`, which exists; every file and folder is flushed to disk. */
export async function extractArchive(archive: Readable, directory: string): Promise<void> {
  const tar = extract();
  const failed = new Promise<never>((_, reject) => {
    archive.once('error', (error) => {
      tar.destroy(error);
      reject(error);
    });
  });
  archive.pipe(tar);
  const folders = new Set<string>([directory]);
  await Promise.race([writeEntries(tar, directory, folders), failed]);
  // A name is durable only once its folder is.
  for (const folder of folders) await flush(folder);
}

type Entries = AsyncIterable<Readable & { readonly header: Header }>;

async function writeEntries(tar: unknown, directory: string, folders: Set<string>): Promise<void> {
  for await (const entry of tar as Entries) {
    const path = inside(directory, entry.header.name);
    if (entry.header.type === 'directory') {
      await mkdir(path, { recursive: true, mode: 0o700 });
      folders.add(path);
      entry.resume();
    } else if (entry.header.type === 'file') {
      folders.add(dirname(path));
      await writeFile(path, entry);
    } else {
      throw new Error(`a backup holds files and folders only, not the ${entry.header.type} ${entry.header.name}`);
    }
  }
}

/** @throws where a name leads out of the directory */
function inside(directory: string, name: string): string {
  const clean = normalize(name);
  if (isAbsolute(clean) || clean.startsWith('..')) throw new Error(`a backup names ${JSON.stringify(name)}`);
  return join(directory, clean);
}

async function writeFile(path: string, content: Readable): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    for await (const chunk of content) await file.write(chunk as Buffer);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function flush(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
