import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { cacheFolder } from '#runtime/cache/cache-folder.ts';

/** Where in the cache lies what is built from the files of a folder; another place when one of them changes. */
export function builtFolder(sources: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(sources).sort()) hash.update(name).update(readFileSync(join(sources, name)));
  const key = `${basename(sources)}-${hash.digest('hex').slice(0, 12)}`;
  return join(cacheFolder(process.env, homedir()), 'imap-clients', key);
}
