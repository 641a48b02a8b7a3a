import { createHash } from 'node:crypto';
import { access, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Engine, productName } from '#database/engine.ts';
import { writeDockerArchive } from '#images/archive/docker-archive.ts';
import { cacheFolder } from '#runtime/cache/cache-folder.ts';
import { createProgressPrinter } from '#runtime/cache/progress-printer.ts';
import { lockCache } from '../clusters/programs/build-lock.ts';
import { requirePrerequisites } from '../clusters/programs/prerequisites.ts';
import { packagesOf, writePackagedRootfs } from './packaged-rootfs.ts';
import { writePostgresRootfs } from './postgres-rootfs.ts';
import { postgresImages, standIns } from './stand-ins.ts';

const TICK_MS = 1_000;
const SOURCES = ['database-images.ts', 'stand-ins.ts', 'postgres-rootfs.ts', 'packaged-rootfs.ts'];

type Recipe = {
  /** Images that differ in one file, which says their name. */
  readonly images: readonly string[];
  /** What they are made from, besides our own sources. */
  readonly from: string;
  readonly seconds: number;
  writeRootfs(rootfs: string): Promise<void>;
};

async function recipeOf(engine: Engine, signal: AbortSignal): Promise<Recipe> {
  if (engine === 'postgresql')
    return { images: Object.values(postgresImages), from: '', seconds: 60, writeRootfs: writePostgresRootfs };
  const packages = await packagesOf(engine, signal);
  const writeRootfs = async (rootfs: string): Promise<void> => await writePackagedRootfs(packages, rootfs);
  return { images: [standIns[engine].image], from: packages, seconds: 10, writeRootfs };
}

/** Archives of an engine's images, made from Debian's packages unless the cache has them. Of PostgreSQL that needs root. */
export async function ensureDatabaseImages(
  engine: Engine,
  signal: AbortSignal = new AbortController().signal,
): Promise<readonly string[]> {
  const recipe = await recipeOf(engine, signal);
  const folder = join(cacheFolder(process.env, homedir()), 'database-images');
  const key = await keyOf(recipe);
  const archives = recipe.images.map((_, index) => join(folder, `${engine}-${index}-${key}.tar`));
  if (await areThere(archives)) return archives;
  await requirePrerequisites(['local', 'databaseImages']);
  const printer = createProgressPrinter(process.stderr);
  // Not the lock of the programs: both may be made at the same time.
  const lock = await lockCache(folder, signal, printer.line);
  try {
    if (!(await areThere(archives))) await build({ engine, recipe, archives, live: printer.live });
    printer.line(`built the images of ${productName[engine]}`);
    return archives;
  } finally {
    lock.release();
  }
}

async function keyOf({ from, images }: Recipe): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([from, images]));
  for (const source of SOURCES) hash.update(await readFile(join(import.meta.dirname, source)));
  return hash.digest('hex').slice(0, 16);
}

const areThere = async (files: readonly string[]): Promise<boolean> =>
  await Promise.all(files.map((file) => access(file))).then(
    () => true,
    () => false,
  );

type Build = {
  readonly engine: Engine;
  readonly recipe: Recipe;
  readonly archives: readonly string[];
  readonly live: (text: string) => void;
};

async function build({ engine, recipe, archives, live }: Build): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), `imapcluster-${engine}-`));
  const rootfs = join(folder, 'rootfs');
  const started = performance.now();
  const ticking = setInterval(() => {
    const seconds = Math.round((performance.now() - started) / 1_000);
    live(
      `building the image of ${productName[engine]} out of Debian's packages: ${seconds} s of about ${recipe.seconds}`,
    );
  }, TICK_MS);
  try {
    await recipe.writeRootfs(rootfs);
    for (const [index, name] of recipe.images.entries()) {
      await writeFile(join(rootfs, 'etc', 'imapcluster-stand-in'), `${name}\n`);
      const archive = archives[index] ?? '';
      const unfinished = `${archive}.unfinished`;
      await writeDockerArchive({ name, rootfs, archive: unfinished, entrypoint: [standIns[engine].server] });
      // Whole or not at all: it may be killed at any moment.
      await rename(unfinished, archive);
    }
  } finally {
    clearInterval(ticking);
    await rm(folder, { recursive: true, force: true });
  }
}
