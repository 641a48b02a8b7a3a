import { cp, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ensureServer } from '#database/programs/ensure-server.ts';
import { OWNER } from './stand-ins.ts';

/** The same packages that the integration tests have their servers from. */
const SERVERS = { mariadb: 'mariadb-11.8', mysql: 'mysql-9.7' } as const;
export type PackagedEngine = keyof typeof SERVERS;

/** As Debian has them since it merged them with those in `usr`; of the packages that bring them none is among ours. */
const LINKS = ['bin', 'lib', 'lib64', 'sbin'];
const FOLDERS = ['dev', 'etc', 'proc', 'run', 'sys', 'tmp', 'var/lib'];
/** Of what may be called, all that is ever called besides the server. */
const TOOLS = ['mariadb-backup', 'mbstream'];
const NEEDLESS = [
  'etc/systemd',
  'usr/lib/systemd',
  'usr/lib/udev',
  'usr/lib/galera',
  'usr/lib/x86_64-linux-gnu/perl',
  'usr/lib/x86_64-linux-gnu/perl-base',
  'usr/lib/x86_64-linux-gnu/perl5',
  'usr/lib/x86_64-linux-gnu/systemd',
  'usr/share/perl5',
];
const ACCOUNTS = [
  { name: 'root', id: 0, home: '/root' },
  { name: 'mysql', id: OWNER.uid, home: '/var/lib/mysql' },
];

/** The folder where the packages of a server lie: another one, wherever anything of how they are fetched changes. */
export const packagesOf = async (engine: PackagedEngine, signal: AbortSignal): Promise<string> =>
  join(dirname(await ensureServer(SERVERS[engine], signal)), 'root');

/** A root file system out of these packages: server, plug-ins, libraries and loader where the stock image has them. No shell. */
export async function writePackagedRootfs(packages: string, rootfs: string): Promise<void> {
  await cp(packages, rootfs, { recursive: true, verbatimSymlinks: true });
  for (const path of NEEDLESS) await rm(join(rootfs, path), { recursive: true, force: true });
  const programs = join(rootfs, 'usr/bin');
  for (const name of await readdir(programs)) if (!TOOLS.includes(name)) await rm(join(programs, name));
  for (const name of LINKS) await symlink(`usr/${name}`, join(rootfs, name));
  for (const name of FOLDERS) await mkdir(join(rootfs, name), { recursive: true });
  const passwd = ACCOUNTS.map(({ name, id, home }) => `${name}:x:${id}:${id}::${home}:/usr/sbin/nologin\n`);
  await writeFile(join(rootfs, 'etc/passwd'), passwd.join(''));
  await writeFile(join(rootfs, 'etc/group'), ACCOUNTS.map(({ name, id }) => `${name}:x:${id}:\n`).join(''));
}
