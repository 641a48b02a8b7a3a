import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memberName } from '#contract/names.ts';
import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { openConnection } from '#database/mysql/connection/open-connection.ts';
import { serverEnvironment, serverProgram } from '#database/mysql/programs/create-data.ts';
import { copyTemplate, SMALL } from '#database/mysql/test-support/mysql-server.ts';
import { packagedServers, type ServerKind, type ServerName } from '#database/programs/catalogue.ts';
import { ensureServer } from '#database/programs/ensure-server.ts';
import { pause } from '#runtime/deadline.ts';
import { freePorts } from '#runtime/test-support/free-ports.ts';
import { missingGrants } from '../members/by-sql/mysql/fitness/rights.ts';
import { ADMINISTRATOR, type ExistingServer, type ExistingServers } from './existing-servers.ts';

export type ExistingMysqlOptions = {
  /** Of the owner's files, behind those that are needed: the last of a name counts. */
  readonly lines?: readonly string[];
  /** Of the file of one server alone, by its name. */
  readonly linesOf?: Readonly<Record<string, readonly string[]>>;
  /** What the owner does on the primary beside. */
  readonly statements?: readonly string[];
};

export type ExistingMysqlServers = ExistingServers & {
  /** What an owner does who may do everything. */
  readonly asOwner: (server: ExistingServer, ...statements: readonly string[]) => Promise<void>;
};

const NOBODY = 65_534;
const asNobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
const DATABASE = 'imap';
/** Replication in the way of the owner: an account of his own. */
const OWNERS = { user: 'repl', password: 'repl-secret' };

/** What docs/guides asks an owner for, and habits of other owners that are to do no harm. */
const FILE: Readonly<Record<ServerKind, readonly string[]>> = {
  mariadb: [
    'gtid_strict_mode=1',
    'log_slave_updates=1',
    'sync_binlog=1',
    'read_only=1',
    'plugin_load_add=auth_ed25519',
  ],
  mysql: [
    'gtid_mode=ON',
    'enforce_gtid_consistency=ON',
    'plugin_load_add=semisync_source.so',
    'plugin_load_add=semisync_replica.so',
    'performance_schema=OFF',
  ],
};
const HABITS = ['sql_mode=ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT', 'character_set_server=latin1'];

/** As `startExistingServers`: of each name in `repositories` the first is the primary. */
export async function startExistingMysqlServers(
  name: ServerName,
  repositories: readonly string[],
  options: ExistingMysqlOptions = {},
): Promise<ExistingMysqlServers> {
  const { kind } = packagedServers[name];
  const bin = await ensureServer(name);
  const folder = await mkdtemp(join(tmpdir(), 'imapcluster-existing-'));
  await chmod(folder, 0o755);
  await own(folder);
  const ports = await freePorts(repositories.length);
  const places = repositories.map((_, index) => ({ name, kind, bin, folder, index, port: ports[index] ?? 0, options }));
  const servers = places.map((place) => serverAt(place));
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop('SIGKILL')));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await Promise.all(places.map((place) => writeData(place)));
    await Promise.all(servers.map((server) => server.start()));
    for (const [index, server] of servers.entries()) {
      const primary = servers[repositories.indexOf(repositories[index] ?? '')] ?? server;
      if (primary === server) await beginPrimary(places[index]!, options);
      else await beginReplica(places[index]!, primary);
    }
    await Promise.all(servers.map((server) => answers(server)));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    engine: kind,
    servers,
    server: (wanted) => servers.find((server) => server.name === wanted) ?? servers[0]!,
    rebuild: async (server, { replica }) => {
      await Promise.all([server.stop('SIGKILL'), replica.stop('SIGTERM')]);
      await rm(server.dataDirectory, { recursive: true });
      await cp(replica.dataDirectory, server.dataDirectory, { recursive: true });
      await rm(join(server.dataDirectory, 'auto.cnf'), { force: true });
      await own(server.dataDirectory);
      await replica.start();
      await server.start();
    },
    ask,
    told: (server) => told(kind, server),
    isClosed: async (server) => {
      const [row] = await ask(server, `SELECT @@GLOBAL.read_only = 1 OR ${LOCKED[kind]} AS closed`);
      return row?.closed === 1;
    },
    asOwner: (server, ...statements) => asRoot(places[servers.indexOf(server)]!, statements),
    stop,
  };
}

const LOCKED: Readonly<Record<ServerKind, string>> = {
  mariadb: `(SELECT JSON_VALUE(priv, '$.account_locked') IN ('1', 'true') FROM mysql.global_priv
WHERE user = 'imapcluster_mail' AND host = '%')`,
  mysql: "(SELECT account_locked = 'Y' FROM mysql.user WHERE user = 'imapcluster_mail' AND host = '%')",
};

const TOLD = [
  ...[
    'read_only',
    'super_read_only',
    'sync_relay_log',
    'max_connect_errors',
    'slave_net_timeout',
    'replica_net_timeout',
  ],
  ...['rpl_semi_sync_master_enabled', 'rpl_semi_sync_slave_enabled', 'rpl_semi_sync_source_enabled'],
  ...['rpl_semi_sync_replica_enabled', 'rpl_semi_sync_source_wait_for_replica_count', 'binlog_expire_logs_seconds'],
];

/** Accounts too: they are each server's own where they are locked. */
async function told(kind: ServerKind, server: ExistingServer): Promise<string> {
  const names = TOLD.map((name) => `'${name}'`).join(', ');
  const settings = await ask(server, `SHOW GLOBAL VARIABLES WHERE Variable_name IN (${names})`);
  const accounts = await ask(server, "SELECT user, host FROM mysql.user WHERE user LIKE 'imapcluster%' ORDER BY 1, 2");
  const [status = {}] = await ask(server, kind === 'mysql' ? 'SHOW REPLICA STATUS' : 'SHOW SLAVE STATUS');
  const upstream = Object.entries(status).filter(([name]) => /^(?:Source|Master)_(?:Host|Port|User)$/.test(name));
  const kept =
    kind === 'mysql' ? await ask(server, 'SELECT * FROM performance_schema.persisted_variables ORDER BY 1') : [];
  return JSON.stringify({ settings, accounts, upstream, kept });
}

type Place = {
  readonly name: ServerName;
  readonly kind: ServerKind;
  readonly bin: string;
  readonly folder: string;
  readonly index: number;
  readonly port: number;
  readonly options: ExistingMysqlOptions;
};

const inFolder = ({ folder, index }: Place, what: string): string => join(folder, `${what}-${index}`);

/** `chown -R`. */
async function own(path: string): Promise<void> {
  if (asNobody.uid === undefined) return;
  await once(spawn('chown', ['-R', `${NOBODY}:${NOBODY}`, path], { stdio: 'ignore' }), 'exit');
}

async function writeData(place: Place): Promise<void> {
  const { name, kind, bin, index, port, options } = place;
  await copyTemplate(name, bin, inFolder(place, 'data'));
  await mkdir(inFolder(place, 'tmp'));
  await own(inFolder(place, 'tmp'));
  const lines = [
    '[mysqld]',
    `datadir=${inFolder(place, 'data')}`,
    `socket=${inFolder(place, 's')}`,
    `pid_file=${inFolder(place, 'pid')}`,
    `tmpdir=${inFolder(place, 'tmp')}`,
    `port=${port}`,
    'bind_address=127.0.0.1',
    `server_id=${100 + index}`,
    'log_bin=bin',
    'relay_log=relay',
    // Their crashes are those of a process, not of a machine.
    'innodb_flush_method=nosync',
    ...SMALL[kind].map((option) => option.slice(2)),
    ...FILE[kind],
    ...HABITS,
    ...(options.lines ?? []),
    ...(options.linesOf?.[`e${index}`] ?? []),
  ];
  await writeFile(inFolder(place, 'my.cnf'), `${lines.join('\n')}\n`);
}

function serverAt(place: Place): ExistingServer {
  const { kind, bin, index, port } = place;
  let child: ChildProcess | null = null;
  let log = '';
  return {
    name: memberName(`e${index}`),
    endpoint: { host: '127.0.0.1', port },
    dataDirectory: inFolder(place, 'data'),
    pid: () => child?.pid ?? 0,
    log: () => log,
    start: async () => {
      child = spawn(join(bin, serverProgram[kind]), [`--defaults-file=${inFolder(place, 'my.cnf')}`], {
        ...asNobody,
        cwd: place.folder,
        env: { ...serverEnvironment },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let said = '';
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        log += text;
        said += text;
        if (/ready for connections/.test(said)) resolve();
      });
      child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${log.slice(-5_000)}`)));
      await promise;
    },
    stop: async (signal) => {
      if (child === null || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGCONT');
      child.kill(signal);
      await ended;
    },
  };
}

const asRoot = async (place: Place, statements: readonly string[]): Promise<void> => {
  const session = await openConnection({
    endpoint: { socketPath: inFolder(place, 's') },
    user: 'root',
    password: '',
    role: 'admin',
    timeoutMs: 20_000,
  });
  try {
    for (const text of statements) await session.batch([{ name: 'owner', text }]);
  } finally {
    session.abandon();
  }
};

/** The administrator has what is asked for, and nothing else. */
async function beginPrimary(place: Place, { statements = [] }: ExistingMysqlOptions): Promise<void> {
  const { kind } = place;
  const { username, password } = ADMINISTRATOR;
  const nothing = { server: new Set<string>(), schemas: new Map(), grantable: new Set<string>() };
  await asRoot(place, [
    `CREATE USER '${username}'@'%' IDENTIFIED BY '${password.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`,
    ...missingGrants({ ...nothing, account: `${username}@%` }, kind, DATABASE),
    `CREATE USER '${OWNERS.user}'@'%' IDENTIFIED BY '${OWNERS.password}'`,
    `GRANT REPLICATION SLAVE ON *.* TO '${OWNERS.user}'@'%'`,
    ...statements,
    // He has the line in the file, and knows it.
    ...(kind === 'mariadb' ? ['SET GLOBAL read_only = 0'] : []),
  ]);
}

async function beginReplica(place: Place, { endpoint: { host, port } }: ExistingServer): Promise<void> {
  const [source, replica, prefix, more] =
    place.kind === 'mysql'
      ? ['REPLICATION SOURCE', 'REPLICA', 'SOURCE', 'SOURCE_AUTO_POSITION = 1, GET_SOURCE_PUBLIC_KEY = 1']
      : ['MASTER', 'SLAVE', 'MASTER', 'MASTER_USE_GTID = slave_pos'];
  const where = `${prefix}_HOST = '${host}', ${prefix}_PORT = ${port}`;
  const account = `${prefix}_USER = '${OWNERS.user}', ${prefix}_PASSWORD = '${OWNERS.password}'`;
  await asRoot(place, [`CHANGE ${source} TO ${where}, ${account}, ${more}`, `START ${replica}`]);
}

async function open({ endpoint }: ExistingServer): Promise<MysqlConnection> {
  const { username: user, password } = ADMINISTRATOR;
  return await openConnection({ endpoint, user, password, role: 'admin', timeoutMs: 1_000 });
}

async function ask(server: ExistingServer, statement: string, database?: string): Promise<Record<string, unknown>[]> {
  const session = await open(server);
  try {
    if (database !== undefined) await session.batch([{ name: 'use', text: `USE \`${database}\`` }]);
    const [answer] = await session.batch([{ name: 'test', text: statement }]);
    return [...(answer?.rows ?? [])];
  } finally {
    session.abandon();
  }
}

const ANSWER_MS = 20_000;

/** The administrator's account has come to it too. */
async function answers(server: ExistingServer): Promise<void> {
  const end = performance.now() + ANSWER_MS;
  for (;;) {
    try {
      await ask(server, 'SELECT 1');
      return;
    } catch (cause) {
      if (performance.now() > end) throw new Error(`it does not answer: ${server.log().slice(-3_000)}`, { cause });
      await pause(50);
    }
  }
}
