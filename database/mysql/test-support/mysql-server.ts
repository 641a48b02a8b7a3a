import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { access, chown, cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import mysql from 'mysql2/promise';
import { packagedServers, type ServerKind, type ServerName } from '#database/programs/catalogue.ts';
import { ensureServer } from '#database/programs/ensure-server.ts';
import { createData, serverEnvironment, serverProgram } from '../programs/create-data.ts';

/** One MariaDB or MySQL server in a folder of its own, reached by its socket: no port to collide with. */
export type MysqlServer = {
  readonly name: ServerName;
  readonly kind: ServerKind;
  readonly socketPath: string;
  readonly folder: string;
  readonly pid: number;
  /** A connection of `root`, which has no password. */
  connect(options?: mysql.ConnectionOptions): Promise<mysql.Connection>;
  stop(): Promise<void>;
};

const NOBODY = 65534;
/** Database servers do not run as root. */
const runAs = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : undefined;

/** Small: a test writes little, and several servers run side by side. */
export const SMALL: Readonly<Record<ServerKind, readonly string[]>> = {
  mariadb: ['--innodb-log-file-size=16M', '--innodb-buffer-pool-size=64M', '--aria-pagecache-buffer-size=8M'],
  mysql: ['--innodb-redo-log-capacity=16M', '--innodb-buffer-pool-size=64M', '--mysqlx=OFF', '--secure-file-priv='],
};
/** Durability is off unless a test turns it on. */
const CARELESS = [
  '--innodb-flush-log-at-trx-commit=0',
  '--sync-binlog=0',
  '--innodb-flush-method=nosync',
  // A test makes many tables and throws them away: a file for each took up to ten times as long.
  '--innodb-file-per-table=0',
];

/** `settings` are added to the command line. @throws ServerUnavailable */
export async function startMysql(name: ServerName, settings: readonly string[] = []): Promise<MysqlServer> {
  const { kind } = packagedServers[name];
  const bin = await ensureServer(name);
  const folder = await mkdtemp(join(tmpdir(), `imapcluster-${kind}-`));
  if (runAs !== undefined) await chown(folder, runAs.uid, runAs.gid);
  const data = join(folder, 'data');
  await copyTemplate(name, bin, data);
  // Of its own: MariaDB, when it starts, removes whatever temporary tables are in it, those of another server too.
  const temporary = join(folder, 'tmp');
  await mkdir(temporary);
  if (runAs !== undefined) await chown(temporary, runAs.uid, runAs.gid);
  const socketPath = join(folder, 's');
  const options = [
    `--datadir=${data}`,
    `--socket=${socketPath}`,
    `--pid-file=${join(folder, 'pid')}`,
    `--tmpdir=${temporary}`,
  ];
  const args = ['--no-defaults', ...options, '--skip-networking', ...SMALL[kind], ...CARELESS, ...settings];
  const server = spawn(join(bin, serverProgram[kind]), args, {
    ...runAs,
    cwd: folder,
    env: { ...serverEnvironment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  // A test may have killed it long before.
  const gone = new Promise((resolve) => server.once('exit', resolve));
  await untilReady(server);
  return {
    name,
    kind,
    socketPath,
    folder,
    pid: server.pid ?? 0,
    connect: (more = {}) => mysql.createConnection({ socketPath, user: 'root', ...more }),
    async stop() {
      // Nothing of it is kept, and in order MySQL takes up to four seconds.
      server.kill('SIGKILL');
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** An empty data directory takes seconds to make: it is made once, beside the programs. */
export async function copyTemplate(name: ServerName, bin: string, data: string): Promise<void> {
  const { kind } = packagedServers[name];
  const template = join(dirname(bin), 'template');
  const making = underWay.get(template) ?? ensureTemplate({ kind, bin, template });
  underWay.set(template, making);
  await making;
  await cp(template, data, { recursive: true });
  // Two servers of one identity could not replicate from each other.
  await rm(join(data, 'auto.cnf'), { force: true });
  if (runAs !== undefined) await chownAll(data, runAs);
}

/** Of this process: a test starts several servers at once. */
const underWay = new Map<string, Promise<void>>();

type Template = { readonly kind: ServerKind; readonly bin: string; readonly template: string };

async function ensureTemplate({ kind, bin, template }: Template): Promise<void> {
  if (await isThere(template)) return;
  const scratch = await mkdtemp(join(tmpdir(), 'imapcluster-template-'));
  const aside = `${template}.${randomUUID()}`;
  const data = join(scratch, 'data');
  try {
    await mkdir(data);
    if (runAs !== undefined) for (const folder of [scratch, data]) await chown(folder, runAs.uid, runAs.gid);
    await createData({ kind, bin, data, runAs, options: SMALL[kind] });
    await cp(data, aside, { recursive: true });
    // Whole or not at all. Two may make the same at the same time: whoever is second throws his own away.
    await rename(aside, template).catch(async (cause: Error) => {
      if (!(await isThere(template))) throw cause;
    });
  } finally {
    for (const folder of [aside, scratch]) await rm(folder, { recursive: true, force: true });
  }
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

async function chownAll(folder: string, { uid, gid }: { readonly uid: number; readonly gid: number }): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const child = spawn('chown', ['-R', `${uid}:${gid}`, folder], { stdio: 'ignore' });
  child.once('error', reject).once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`chown: ${code}`))));
  await promise;
}

async function untilReady(server: ChildProcess): Promise<void> {
  let log = '';
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log = `${log}${text}`.slice(-10_000);
    if (/ready for connections/.test(log)) resolve();
  });
  server.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${log}`)));
  await promise;
}
