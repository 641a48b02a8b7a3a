import { createHash } from 'node:crypto';
import { access, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianMirror } from '#database/programs/debian-mirror.ts';
import { writeDockerArchive } from '#images/archive/docker-archive.ts';
import { cacheFolder } from '#runtime/cache/cache-folder.ts';
import { createProgressPrinter } from '#runtime/cache/progress-printer.ts';
import { runCommand } from '../clusters/process/run-command.ts';
import { lockCache } from '../clusters/programs/build-lock.ts';
import { requirePrerequisites } from '../clusters/programs/prerequisites.ts';
import { imageRegistry } from './registry.ts';

/**
 * Stand-ins for `postgres:18` of Docker's library, where no registry is: Debian's packages of the same server at the same
 * paths, with the same user. Two of them, so that there is something to upgrade to: `next` differs in one file.
 */
export const POSTGRES_MAJOR = 18;
export const postgresImages = {
  current: `${imageRegistry()}/postgres:${POSTGRES_MAJOR}`,
  next: `${imageRegistry()}/postgres:${POSTGRES_MAJOR}-next`,
} as const;
export type PostgresImage = keyof typeof postgresImages;

/** The suite of Debian that has this major version. */
const SUITE = 'sid';
const PACKAGES = [`postgresql-${POSTGRES_MAJOR}`];
/** `postgres` in the stock image. */
const OWNER = { uid: 999, gid: 999 };
const MINUTES = 15;
const TICK_MS = 1_000;
/** What a database server never opens. */
const NEEDLESS = [
  'usr/share/doc',
  'usr/share/man',
  'usr/share/locale',
  'usr/share/i18n',
  'usr/share/perl',
  'usr/share/perl5',
  'usr/lib/x86_64-linux-gnu/perl',
  'usr/lib/x86_64-linux-gnu/perl-base',
  'var/lib/dpkg',
  'var/lib/apt',
  'var/cache',
  'var/log',
];

/** Archives of both images, made from packages unless the cache has them. Needs root and Debian; as long as a download takes. */
export async function ensurePostgresImages(
  signal: AbortSignal = new AbortController().signal,
): Promise<Readonly<Record<PostgresImage, string>>> {
  const cache = cacheFolder(process.env, homedir());
  const key = createHash('sha256')
    .update(await readFile(import.meta.filename))
    .digest('hex')
    .slice(0, 16);
  const archive = (image: PostgresImage): string =>
    join(cache, 'database-images', `postgres-${POSTGRES_MAJOR}-${image}-${key}.tar`);
  const archives = { current: archive('current'), next: archive('next') };
  if (await areThere(archives)) return archives;
  await requirePrerequisites(['local', 'databaseImages']);
  const printer = createProgressPrinter(process.stderr);
  // Not the lock of the programs: both may be made at the same time.
  const lock = await lockCache(join(cache, 'database-images'), signal, printer.line);
  try {
    if (!(await areThere(archives))) await build(archives, printer.live);
    printer.line(`built the images of PostgreSQL ${POSTGRES_MAJOR}`);
    return archives;
  } finally {
    lock.release();
  }
}

const areThere = async (archives: Readonly<Record<PostgresImage, string>>): Promise<boolean> =>
  await Promise.all(Object.values(archives).map((file) => access(file))).then(
    () => true,
    () => false,
  );

async function build(archives: Readonly<Record<PostgresImage, string>>, live: (text: string) => void): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'imapcluster-postgres-'));
  const rootfs = join(folder, 'rootfs');
  const started = performance.now();
  const ticking = setInterval(() => {
    const seconds = Math.round((performance.now() - started) / 1_000);
    live(`building the image of PostgreSQL ${POSTGRES_MAJOR} out of Debian's packages: ${seconds} s of about 60`);
  }, TICK_MS);
  try {
    await installPackages(rootfs);
    await asInStockImage(rootfs);
    for (const image of ['current', 'next'] as const) {
      await writeFile(join(rootfs, 'etc', 'imapcluster-stand-in'), `${image}\n`);
      const unfinished = `${archives[image]}.unfinished`;
      const entrypoint = [`/usr/lib/postgresql/${POSTGRES_MAJOR}/bin/postgres`];
      await writeDockerArchive({ name: postgresImages[image], rootfs, archive: unfinished, entrypoint });
      // Whole or not at all: it may be killed at any moment.
      await rename(unfinished, archives[image]);
    }
  } finally {
    clearInterval(ticking);
    await rm(folder, { recursive: true, force: true });
  }
}

async function installPackages(rootfs: string): Promise<void> {
  const mirror = await debianMirror();
  if (mirror === null)
    throw new Error('no mirror of Debian is named in /etc/apt: the database images are made from its packages');
  await runCommand(
    [
      'mmdebstrap',
      '--variant=minbase',
      `--include=${PACKAGES.join(',')}`,
      // A mirror that lags behind would be refused.
      '--aptopt=Acquire::Check-Valid-Until "false"',
      SUITE,
      rootfs,
      `deb ${mirror} ${SUITE} main`,
    ],
    { deadlineMs: MINUTES * 60_000 },
  );
}

/** The user's number, by which volumes get their owner, and nothing that is not needed. */
async function asInStockImage(rootfs: string): Promise<void> {
  for (const path of NEEDLESS) await rm(join(rootfs, path), { recursive: true, force: true });
  await replaceIn(join(rootfs, 'etc/passwd'), /^postgres:x:\d+:\d+:/m, `postgres:x:${OWNER.uid}:${OWNER.gid}:`);
  await replaceIn(join(rootfs, 'etc/group'), /^postgres:x:\d+:/m, `postgres:x:${OWNER.gid}:`);
}

async function replaceIn(file: string, pattern: RegExp, text: string): Promise<void> {
  const before = await readFile(file, 'utf8');
  if (!pattern.test(before)) throw new Error(`${file} knows no postgres`);
  await writeFile(file, before.replace(pattern, text));
}
