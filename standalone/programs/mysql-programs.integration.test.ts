import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Flavour } from '#database/mysql/flavour.ts';
import { serverProgram } from '#database/mysql/programs/create-data.ts';
import { mysqlServersHere } from '#database/mysql/test-support/servers-here.ts';
import { packagedServers } from '#database/programs/catalogue.ts';
import { ensureServer } from '#database/programs/ensure-server.ts';
import { somebodyElse } from '../test-support/run-standalone.ts';
import { mysqlPrograms } from './mysql-programs.ts';
import type { Series } from './server-version.ts';

/**
 * Promise: a server of this machine is taken where it does, by its product, its version and what belongs to it; what is wrong about each that
 * does not is said in one message, with what to do.
 */
const runAs = somebodyElse();
const { signal } = new AbortController();
const OLDEST: Readonly<Record<Flavour, Series>> = { mariadb: [10, 11], mysql: [8, 4] };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'programs-'));
  await chmod(folder, 0o755);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const find = (flavour: Flavour, given?: string, oldest: Series = OLDEST[flavour]) =>
  mysqlPrograms({ flavour, given, oldest, runAs, signal });

/** A stranger's program, as far as anybody looks at it before it is started. */
async function install(flavour: Flavour, version: string, plugins: readonly string[] = []): Promise<string> {
  const bin = join(folder, `bin-${version.replaceAll(/\W/g, '-')}`);
  await mkdir(join(bin, 'plugin'), { recursive: true });
  for (const plugin of plugins) await writeFile(join(bin, 'plugin', plugin), '');
  const program = join(bin, serverProgram[flavour]);
  await writeFile(program, `#!/bin/sh\necho "$0  Ver ${version}"\necho "plugin-dir   ${join(bin, 'plugin')}"\n`);
  await chmod(program, 0o755);
  return bin;
}

test.each(mysqlServersHere)('%s is taken as it is, from the folder that is named', async (name) => {
  const { kind, version } = packagedServers[name];
  const bin = await ensureServer(name);
  expect(await find(kind, bin)).toEqual({ folder: bin, series: version.split('.').map(Number) });
  // Data that a newer one has had.
  await expect(find(kind, bin, [99, 0])).rejects.toThrow(/it has \w+ [\d.]+, and 99\.0 or newer is needed$/);
});

test.each(mysqlServersHere)('%s on the PATH is taken before any other', async (name) => {
  const { kind } = packagedServers[name];
  const bin = join(folder, 'sbin');
  await cp(await ensureServer(name), bin, { recursive: true });
  vi.stubEnv('PATH', `relative:${bin}:${process.env.PATH}`);
  expect(await find(kind)).toMatchObject({ folder: bin });
});

test.each<[Flavour, { readonly version: string; readonly plugins?: readonly string[] }, RegExp]>([
  [
    'mysql',
    { version: '8.0.36 for Linux on x86_64 (Source distribution)' },
    /it has MySQL 8\.0, and 8\.4 or newer is needed/,
  ],
  ['mysql', { version: '10.11.6-MariaDB for Linux' }, /mysqld is no MySQL: 10\.11\.6-MariaDB for Linux/],
  ['mariadb', { version: '10.6.1-MariaDB for Linux' }, /it has MariaDB 10\.6, and 10\.11 or newer is needed/],
  [
    'mariadb',
    { version: '12.0.2-MariaDB for Linux' },
    /it has MariaDB 12\.0, and none newer than 11 is understood yet/,
  ],
  ['mariadb', { version: '10.11.1-MariaDB for Linux', plugins: ['other.so'] }, /plugin has no auth_ed25519\.so/],
  [
    'mariadb',
    { version: '10.11.1-MariaDB for Linux', plugins: ['auth_ed25519.so'] },
    /there is no mariadb-backup beside it/,
  ],
  [
    'mysql',
    { version: '9.7.1 for Linux', plugins: ['semisync_source.so', 'semisync_replica.so'] },
    /plugin has no mysql_clone\.so/,
  ],
])('%s of %j is refused', async (flavour, { version, plugins }, why) => {
  await expect(find(flavour, await install(flavour, version, plugins))).rejects.toThrow(why);
});

test('what is not there, not to be read or not to be run is refused by its name', async () => {
  await expect(find('mariadb', '/nowhere')).rejects.toThrow(
    '--mariadb-bin /nowhere: there is no mariadbd in this folder',
  );
  const bin = await install('mysql', '9.7.1');
  await chmod(join(bin, 'mysqld'), 0o644);
  await expect(find('mysql', bin)).rejects.toThrow(/mysqld does not run: .*EACCES/);
  if (runAs === null) return;
  await chmod(bin, 0o700);
  await expect(find('mysql', bin)).rejects.toThrow('cannot be read by the user that runs the databases');
});

test('where none is installed, and none can be fetched, every reason is said and what to do', async () => {
  const old = await install('mysql', '8.0.36 for Linux');
  vi.stubEnv('PATH', old);
  vi.stubEnv('IMAPCLUSTER_CACHE', join(folder, 'cache'));
  // Which remembers nothing that was found before.
  vi.resetModules();
  const fresh = await import('./mysql-programs.ts');
  const { arch } = process;
  Object.defineProperty(process, 'arch', { value: 'riscv64' });
  try {
    const options = { flavour: 'mysql', given: undefined, oldest: OLDEST.mysql, runAs, signal } as const;
    const refusal = await fresh.mysqlPrograms(options).catch((error: Error) => error);
    expect(refusal).toMatchObject({ name: 'StandaloneError', code: 'ServerStartFailed' });
    const { message } = refusal as Error;
    expect(message).toContain(`${old}: it has MySQL 8.0, and 8.4 or newer is needed`);
    expect(message).toContain("is fetched from Debian's packages for x86-64, and this is riscv64");
    expect(message).toMatch(/: install MySQL 8\.4 or newer .*or name its folder of programs with --mysql-bin$/);
  } finally {
    Object.defineProperty(process, 'arch', { value: arch });
  }
});
