import { access, chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { PackagedServer } from './catalogue.ts';

const LIBRARY = 'usr/lib/x86_64-linux-gnu';
/** Where the programs look for libraries, below the root; some are in folders of their own. */
const LIBRARIES = [LIBRARY, `${LIBRARY}/private`, 'lib/x86_64-linux-gnu', 'usr/lib/mysql/private'];
const LOADERS = ['usr/lib64/ld-linux-x86-64.so.2', 'lib64/ld-linux-x86-64.so.2'];

/** What is not the server itself and may be wanted. */
const TOOLS = ['usr/bin/mariadb-backup', 'usr/bin/mbstream'];

/**
 * A program a file in `bin`, each of which starts the one of its name below `root` with the libraries that came with it: the
 * machine's own may be older. `exec` keeps the process, so that signals and process numbers mean the server. A server is told where
 * its messages and plugins are, behind whatever it is told by others.
 */
export async function writeLaunchers(root: string, bin: string, server: PackagedServer): Promise<void> {
  await mkdir(bin, { recursive: true });
  const loader = await firstOf(LOADERS.map((path) => join(root, path)));
  if (loader === null) throw new Error(`${root} has no ${basename(LOADERS[0] ?? '')}: not Debian on x86-64?`);
  const path = LIBRARIES.map((folder) => join(root, folder)).join(':');
  const launch = (program: string): string => `exec '${loader}' --library-path '${path}' '${join(root, program)}' "$@"`;
  const share = join(root, server.share);
  const places = [
    `--basedir=${join(root, 'usr')}`,
    `--lc-messages-dir=${share}`,
    `--character-sets-dir=${join(share, 'charsets')}`,
    `--plugin-dir=${await pluginFolder(root)}`,
  ];
  const told = places.map((place) => `'${place}'`).join(' ');
  await writeProgram(join(bin, basename(server.server)), `${launch(server.server)} ${told}`);
  for (const tool of TOOLS) {
    if ((await firstOf([join(root, tool)])) !== null) await writeProgram(join(bin, basename(tool)), launch(tool));
  }
}

async function pluginFolder(root: string): Promise<string> {
  const found = await firstOf([join(root, 'usr/lib/mysql/plugin'), join(root, LIBRARY, 'mariadb19/plugin')]);
  if (found !== null) return found;
  throw new Error(`${root} has no folder of plugins: ${(await readdir(join(root, 'usr/lib'))).join(', ')}`);
}

async function writeProgram(file: string, command: string): Promise<void> {
  await writeFile(file, `#!/bin/sh\n${command}\n`);
  await chmod(file, 0o755);
}

async function firstOf(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) {
    const found = await access(path).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return null;
}
