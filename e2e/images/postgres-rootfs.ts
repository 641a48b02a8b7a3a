import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { debianMirror } from '#database/programs/debian-mirror.ts';
import { runCommand } from '../clusters/process/run-command.ts';
import { OWNER, POSTGRES_MAJOR } from './stand-ins.ts';

/** The suite of Debian that has this major version. */
const SUITE = 'sid';
const PACKAGES = [`postgresql-${POSTGRES_MAJOR}`];
const MINUTES = 15;
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

/** A whole Debian with PostgreSQL, with a shell and its tools, as in the stock image. Needs root and Debian; as long as a download takes. */
export async function writePostgresRootfs(rootfs: string): Promise<void> {
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
  await asInStockImage(rootfs);
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
