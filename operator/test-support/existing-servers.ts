import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, cp, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { type MemberName, memberName } from '#contract/names.ts';
import type { Engine } from '#database/engine.ts';
import type { CertificateFiles } from '#database/test-support/server-certificates.ts';
import { embeddedPostgres } from '#member/test-support/embedded-postgres.ts';
import { pause } from '#runtime/deadline.ts';
import { freePorts } from '#runtime/test-support/free-ports.ts';
import { renderConninfo } from '../members/by-sql/postgres/conninfo.ts';

const run = promisify(execFile);
const NOBODY = 65_534;
const asNobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
const environment = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' };
export const ADMINISTRATOR = { username: 'dba', password: "a dba's \\ secret" };

/** Everybody over loopback, with a password: what an administrator would write for the whole network of the servers. */
const HOST_BASED_ACCESS = 'host all all 127.0.0.1/32 scram-sha-256\nhost replication all 127.0.0.1/32 scram-sha-256\n';

/** A database server as somebody else runs it: no agent, default settings, a replication of its administrator's. */
export type ExistingServer = {
  readonly name: MemberName;
  readonly endpoint: { readonly host: string; readonly port: number };
  readonly dataDirectory: string;
  pid(): number;
  start(): Promise<void>;
  /** Returns when its processes have ended. */
  stop(signal: NodeJS.Signals): Promise<void>;
  log(): string;
};

export type ExistingServers = {
  readonly engine: Engine;
  readonly servers: readonly ExistingServer[];
  server(name: string): ExistingServer;
  /** What an administrator does about a server that is lost: data of `replica`, which is stopped meanwhile, and a start. */
  rebuild(server: ExistingServer, from: { replica: ExistingServer; primary: ExistingServer }): Promise<void>;
  ask(server: ExistingServer, statement: string, database?: string): Promise<Record<string, unknown>[]>;
  /** All that an operator may have told it, as it would hold after its next start, in the words of its engine. */
  told(server: ExistingServer): Promise<string>;
  /** Whether mail can write nothing there. */
  isClosed(server: ExistingServer): Promise<boolean>;
  stop(): Promise<void>;
};

export type ExistingPostgresOptions = {
  readonly bin?: string;
  /** A role that nobody may replicate as. */
  readonly refused?: string;
  /** What all of them show over TLS; absent: they speak none. */
  readonly certificate?: CertificateFiles | undefined;
  /** Roles that are let in over TLS alone. */
  readonly overTls?: readonly string[] | undefined;
};

/** `repositories`: for each server the name of the one that it belongs to; the first of each is its primary. */
export async function startExistingServers(
  repositories: readonly string[],
  { bin: given, refused, certificate, overTls = [] }: ExistingPostgresOptions = {},
): Promise<ExistingServers> {
  const folder = await mkdtemp(join(tmpdir(), 'imapcluster-existing-'));
  await chmod(folder, 0o755);
  if (asNobody.uid !== undefined) await chown(folder, NOBODY, NOBODY);
  const bin = given ?? (await embeddedPostgres());
  const access = [
    ...overTls.map((role) => `hostnossl all,replication ${role} all reject\n`),
    ...(refused === undefined ? [] : [`host replication ${refused} all reject\n`]),
    HOST_BASED_ACCESS,
  ].join('');
  const ports = await freePorts(repositories.length);
  const servers = repositories.map((_, index) => serverAt({ folder, bin, index, port: ports[index] ?? 0 }));
  for (const [index, server] of servers.entries()) {
    const primary = servers[repositories.indexOf(repositories[index] ?? '')] ?? server;
    if (primary === server) await initialize({ bin, folder, access, certificate }, server);
    else {
      await copyData(primary, server);
      await writeReplica(server, primary);
    }
  }
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop('SIGKILL')));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    for (const server of servers) await server.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    engine: 'postgresql',
    servers,
    server: (name) => servers.find((server) => server.name === name) ?? servers[0]!,
    rebuild: async (server, { replica, primary }) => {
      await Promise.all([server.stop('SIGQUIT'), replica.stop('SIGINT')]);
      await rm(server.dataDirectory, { recursive: true });
      await copyData(replica, server);
      await replica.start();
      await writeReplica(server, primary);
      await server.start();
    },
    ask,
    told: ({ dataDirectory }) => readFile(join(dataDirectory, 'postgresql.auto.conf'), 'utf8'),
    isClosed: async (server) => {
      const [row] = await ask(server, 'SHOW default_transaction_read_only');
      return row?.default_transaction_read_only === 'on';
    },
    stop,
  };
}

type Making = Pick<ExistingPostgresOptions, 'certificate'> & {
  readonly bin: string;
  readonly folder: string;
  readonly access: string;
};
type Place = { readonly folder: string; readonly bin: string; readonly index: number; readonly port: number };

function serverAt({ folder, bin, index, port }: Place): ExistingServer {
  const dataDirectory = join(folder, `data-${index}`);
  const options = ['-D', dataDirectory, '-p', String(port), '-k', folder, '-c', 'listen_addresses=127.0.0.1'];
  let child: ChildProcess | null = null;
  let log = '';
  const server: ExistingServer = {
    name: memberName(`e${index}`),
    endpoint: { host: '127.0.0.1', port },
    dataDirectory,
    pid: () => child?.pid ?? 0,
    log: () => log,
    start: async () => {
      child = spawn(join(bin, 'postgres'), options, {
        env: environment,
        stdio: ['ignore', 'ignore', 'pipe'],
        ...asNobody,
      });
      child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
        log += chunk;
      });
      await answers(server);
    },
    stop: async (signal) => {
      if (child === null || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGCONT');
      child.kill(signal);
      await ended;
      await withoutChildren(dataDirectory);
    },
  };
  return server;
}

async function initialize(
  { bin, folder, access, certificate }: Making,
  { dataDirectory }: ExistingServer,
): Promise<void> {
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, `${ADMINISTRATOR.password}\n`, { mode: 0o644 });
  const user = ['--username', ADMINISTRATOR.username, '--pwfile', passwordFile];
  const args = ['--pgdata', dataDirectory, ...user, '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C'];
  await run(join(bin, 'initdb'), args, { env: environment, ...asNobody });
  await writeFile(join(dataDirectory, 'pg_hba.conf'), access);
  const tls =
    certificate === undefined
      ? ''
      : `ssl = on\nssl_cert_file = '${certificate.cert}'\nssl_key_file = '${certificate.key}'\n`;
  await writeFile(join(dataDirectory, 'postgresql.conf'), `shared_buffers = '16MB'\n${tls}`);
}

async function copyData(from: ExistingServer, to: ExistingServer): Promise<void> {
  await cp(from.dataDirectory, to.dataDirectory, { recursive: true });
  if (asNobody.uid !== undefined) await run('chown', ['-R', `${NOBODY}:${NOBODY}`, to.dataDirectory]);
}

/** In the way of its administrator: another role than ours, and no name of its own. */
async function writeReplica({ dataDirectory }: ExistingServer, primary: ExistingServer): Promise<void> {
  const { host, port } = primary.endpoint;
  const { username: user, password } = ADMINISTRATOR;
  const conninfo = renderConninfo({ host, port: String(port), user, password });
  const quoted = conninfo.replaceAll('\\', '\\\\').replaceAll("'", "''");
  await writeFile(join(dataDirectory, 'standby.signal'), '');
  await writeFile(
    join(dataDirectory, 'postgresql.auto.conf'),
    `primary_conninfo = '${quoted}'
`,
  );
  if (asNobody.uid === undefined) return;
  for (const file of ['standby.signal', 'postgresql.auto.conf']) await chown(join(dataDirectory, file), NOBODY, NOBODY);
}

async function ask(
  { endpoint }: ExistingServer,
  statement: string,
  database = 'postgres',
): Promise<Record<string, unknown>[]> {
  const { username: user, password } = ADMINISTRATOR;
  const client = new Client({ ...endpoint, user, password, database, connectionTimeoutMillis: 1_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

const START_MS = 20_000;

async function answers(server: ExistingServer): Promise<void> {
  const end = performance.now() + START_MS;
  for (;;) {
    try {
      await ask(server, 'SELECT 1');
      return;
    } catch (cause) {
      if (performance.now() > end) throw new Error(`it does not start: ${server.log()}`, { cause });
      await pause(50);
    }
  }
}

/** Children outlive a main process that was killed, for a moment. */
async function withoutChildren(dataDirectory: string): Promise<void> {
  for (let left = 1; left > 0; await pause(20)) {
    const entries = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
    const cwds = await Promise.all(entries.map((entry) => workingDirectory(entry)));
    left = cwds.filter((cwd) => cwd === dataDirectory).length;
  }
}

async function workingDirectory(pid: string): Promise<string> {
  return await readlink(`/proc/${pid}/cwd`).catch(() => '');
}
