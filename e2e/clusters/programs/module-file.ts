import { copyFile, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { cacheFolder } from '#runtime/cache/cache-folder.ts';
import { createProgressPrinter } from '#runtime/cache/progress-printer.ts';
import { CommandError } from '../process/command-error.ts';
import { runCommand } from '../process/run-command.ts';
import { findGo } from './go-command.ts';

/** Some 20 MB over a slow line. */
const FETCH_MS = 300_000;

export type ModuleFile = {
  /** With its version: "k8s.io/kubernetes@v1.30.14". */
  readonly module: string;
  /** In the module. */
  readonly path: string;
};

/**
 * The text of one file of a Go module, checked by Go's checksum database like every module. Kept in the cache of programs: the second time
 * needs no network.
 */
export async function readModuleFile({ module, path }: ModuleFile): Promise<string> {
  const folder = join(cacheFolder(process.env, homedir()), 'module-files');
  const kept = join(folder, module, path);
  try {
    return await readFile(kept, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  await mkdir(folder, { recursive: true });
  const unfinished = await mkdtemp(join(folder, 'unfinished-'));
  try {
    const go = await findGo(createProgressPrinter(process.stderr).line);
    const source = (await alreadyHere(go, module)) ?? (await fetched(go, module, join(unfinished, 'modules')));
    await copyFile(join(source, path), join(unfinished, 'file'));
    await mkdir(dirname(kept), { recursive: true });
    await rename(join(unfinished, 'file'), kept);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return await readFile(kept, 'utf8');
}

/** Such as that of the Kubernetes that everything is tested on: it has been built from it. */
async function alreadyHere(go: string, module: string): Promise<string | null> {
  try {
    return await moduleFolder(go, module, { GOFLAGS: '', GOPROXY: 'off' });
  } catch (error) {
    if (error instanceof CommandError) return null;
    throw error;
  }
}

/** Into a folder of its own: the rest of the module, tens of MB, is of no use to anybody. */
async function fetched(go: string, module: string, modules: string): Promise<string> {
  process.stderr.write(`fetching a file of ${module}, once\n`);
  return await moduleFolder(go, module, { GOFLAGS: '-modcacherw', GOMODCACHE: modules });
}

async function moduleFolder(go: string, module: string, settings: Readonly<Record<string, string>>): Promise<string> {
  const answer = await runCommand([go, 'mod', 'download', '-json', module], {
    deadlineMs: FETCH_MS,
    environment: { GOWORK: 'off', ...settings },
  });
  return (JSON.parse(answer) as { readonly Dir: string }).Dir;
}
