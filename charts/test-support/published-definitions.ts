import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CommandError } from '#e2e/clusters/process/command-error.ts';
import { runCommand } from '#e2e/clusters/process/run-command.ts';
import { cacheFolder } from '#e2e/clusters/programs/cache-folder.ts';
import { findGo } from '#e2e/clusters/programs/go-command.ts';
import { createProgressPrinter } from '#e2e/clusters/programs/progress-printer.ts';

/** A node of an OpenAPI document. */
export type Schema = { readonly [word: string]: unknown };
export type Definitions = Readonly<Record<string, Schema>>;

/** Some 20 MB over a slow line. */
const FETCH_MS = 300_000;

/**
 * What Kubernetes has published of the kinds of one of its versions (OpenAPI 2), out of the Go module of that version. Kept in the cache
 * of programs: the second time needs no network.
 * @param version "v1.30.14"
 */
export async function publishedDefinitions(version: string): Promise<Definitions> {
  const folder = join(cacheFolder(process.env, homedir()), 'published-schemas');
  const file = join(folder, `${version}.json`);
  const text = await readFile(file, 'utf8').catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return await fetchInto(folder, version);
  });
  return (JSON.parse(text) as { readonly definitions: Definitions }).definitions;
}

async function fetchInto(folder: string, version: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const unfinished = await mkdtemp(join(folder, 'unfinished-'));
  try {
    const go = await findGo(createProgressPrinter(process.stderr).line);
    const source = (await alreadyHere(go, version)) ?? (await fetched(go, version, join(unfinished, 'modules')));
    const text = await readFile(join(source, 'api/openapi-spec/swagger.json'), 'utf8');
    await writeFile(join(unfinished, 'swagger.json'), text);
    await rename(join(unfinished, 'swagger.json'), join(folder, `${version}.json`));
    return text;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Of the version that everything is tested on: it has been built from this. */
async function alreadyHere(go: string, version: string): Promise<string | null> {
  try {
    return await moduleFolder(go, version, { GOFLAGS: '', GOPROXY: 'off' });
  } catch (error) {
    if (error instanceof CommandError) return null;
    throw error;
  }
}

/** Into a folder of its own: the rest of the module, 90 MB, is of no use to anybody. */
async function fetched(go: string, version: string, modules: string): Promise<string> {
  process.stderr.write(`fetching what Kubernetes ${version} has published of its kinds, once\n`);
  return await moduleFolder(go, version, { GOFLAGS: '-modcacherw', GOMODCACHE: modules });
}

type Settings = Readonly<Record<string, string>>;

async function moduleFolder(go: string, version: string, settings: Settings): Promise<string> {
  const answer = await runCommand([go, 'mod', 'download', '-json', `k8s.io/kubernetes@${version}`], {
    deadlineMs: FETCH_MS,
    environment: { GOWORK: 'off', ...settings },
  });
  return (JSON.parse(answer) as { readonly Dir: string }).Dir;
}
