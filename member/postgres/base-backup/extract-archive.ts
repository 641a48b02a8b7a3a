import { mkdir, open } from 'node:fs/promises';
import { isAbsolute, join, normalize } from 'node:path';
import type { Readable } from 'node:stream';
import { extract, type Header } from 'tar-stream';

/** Writes a tar archive of files and folders below `directory`, which exists. Nothing is flushed yet. */
export async function extractArchive(archive: Readable, directory: string): Promise<void> {
  const tar = extract();
  const failed = new Promise<never>((_, reject) => {
    archive.once('error', (error) => {
      tar.destroy(error);
      reject(error);
    });
  });
  archive.pipe(tar);
  await Promise.race([writeEntries(tar, directory), failed]);
}

type Entries = AsyncIterable<Readable & { readonly header: Header }>;

async function writeEntries(tar: unknown, directory: string): Promise<void> {
  for await (const entry of tar as Entries) {
    const path = inside(directory, entry.header.name);
    if (entry.header.type === 'directory') {
      await mkdir(path, { recursive: true, mode: 0o700 });
      entry.resume();
    } else if (entry.header.type === 'file') {
      await writeFile(path, entry);
    } else {
      throw new Error(`a backup holds files and folders only, not the ${entry.header.type} ${entry.header.name}`);
    }
  }
}

/** @throws where a name leads out of the directory */
function inside(directory: string, name: string): string {
  const clean = normalize(name);
  if (isAbsolute(clean) || clean.split('/')[0] === '..') throw new Error(`a backup names ${JSON.stringify(name)}`);
  return join(directory, clean);
}

async function writeFile(path: string, content: Readable): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    for await (const chunk of content) await file.write(chunk as Buffer);
  } finally {
    await file.close();
  }
}
