import { access, constants } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** MariaDB's own means of copying a server that runs. */
export type BackupPrograms = { readonly backup: string; readonly unpack: string };

/**
 * Where they belong to the server `program`: beside it, or, as Debian has it, in `bin` beside its `sbin`. Of another version they would
 * be of no use. null: they are not there.
 */
export async function backupPrograms(program: string): Promise<BackupPrograms | null> {
  const own = dirname(program);
  for (const folder of [own, join(own, '..', 'bin')]) {
    const found = { backup: join(folder, 'mariadb-backup'), unpack: join(folder, 'mbstream') };
    if ((await isProgram(found.backup)) && (await isProgram(found.unpack))) return found;
  }
  return null;
}

const isProgram = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
