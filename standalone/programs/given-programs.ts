import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunAs } from '#runtime/privileges.ts';
import { isReachableFor } from '../run-as.ts';
import { StandaloneError } from '../standalone-error.ts';

export type GivenPrograms = {
  /** `--postgres-bin` and its like. */
  readonly option: string;
  readonly folder: string;
  readonly names: readonly string[];
  readonly runAs: RunAs | null;
};

/** @throws StandaloneError ServerStartFailed where one of them is not there, or closed to whom the databases run as */
export async function checkGiven({ option, folder, names, runAs }: GivenPrograms): Promise<void> {
  for (const name of names) {
    const path = join(folder, name);
    if (!(await exists(path))) {
      throw new StandaloneError('ServerStartFailed', `${option} ${folder}: there is no ${name} in this folder`);
    }
    if (!(await isReachableFor(runAs, path))) {
      throw new StandaloneError('ServerStartFailed', `${path} cannot be read by the user that runs the databases`);
    }
  }
}

export async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return false;
      throw cause;
    },
  );
}
