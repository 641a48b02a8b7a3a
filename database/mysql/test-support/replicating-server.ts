import type { ServerKind, ServerName } from '#database/programs/catalogue.ts';
import { packagedServers } from '#database/programs/catalogue.ts';
import { freePort } from '#runtime/test-support/free-ports.ts';
import { roles } from '../../roles.ts';
import { accountStatements, repositoryGrants } from '../bootstrap-sql.ts';
import type { MysqlConnection } from '../connection/mysql-connection.ts';
import { openConnection } from '../connection/open-connection.ts';
import { repositoryEpochDdl } from '../repository-epoch.ts';
import type { SessionPair } from '../sessions/session-pair.ts';
import { type MysqlServer, startMysql } from './mysql-server.ts';

const SCHEMA = 'imap';
/** MariaDB's ed25519 wants 32. */
export const PASSWORD = 'a-password-of-thirty-two-octets!';

/** Set up as a member's is, to replicate either way; what makes it one of the two comes later. */
const SETTINGS: Readonly<Record<ServerKind, readonly string[]>> = {
  mariadb: [
    '--gtid-strict-mode=1',
    '--gtid-domain-id=1',
    '--log-slave-updates=1',
    '--skip-slave-start',
    '--slave-parallel-threads=4',
    '--slave-net-timeout=2',
    '--sync-relay-log=0',
    '--relay-log-recovery=1',
    '--binlog-annotate-row-events=0',
    '--plugin-load-add=auth_ed25519',
    '--ssl=0',
  ],
  mysql: [
    '--gtid-mode=ON',
    '--enforce-gtid-consistency=ON',
    '--skip-replica-start',
    '--replica-net-timeout=2',
    '--sync-relay-log=1',
    '--binlog-transaction-compression=1',
    '--binlog-transaction-compression-level-zstd=1',
    '--plugin-load-add=semisync_source.so',
    '--plugin-load-add=semisync_replica.so',
    '--performance-schema=OFF',
  ],
};

export type ReplicatingServer = {
  readonly kind: ServerKind;
  readonly pid: number;
  readonly member: string;
  readonly endpoint: { readonly host: string; readonly port: number };
  /** The first session of the agent. */
  readonly admin: MysqlConnection;
  readonly sessions: SessionPair;
  /** One more. */
  asAdmin(): Promise<MysqlConnection>;
  /** The same in the repository's schema, once that is there. */
  asAgent(): Promise<MysqlConnection>;
  asMail(): Promise<MysqlConnection>;
  sql(...texts: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
  stop(): Promise<void>;
};

/** @param index 1 and up: `server_id`, and in its name */
export async function startReplicating(name: ServerName, index: number): Promise<ReplicatingServer> {
  const { kind } = packagedServers[name];
  const port = await freePort();
  const member = `store-${index}`;
  const server: MysqlServer = await startMysql(name, [
    ...['--skip-networking=0', '--bind-address=127.0.0.1', `--port=${port}`, '--skip-name-resolve'],
    ...[`--server-id=${index}`, `--report-host=${member}`, '--log-bin=bin', '--relay-log=relay', '--binlog-format=ROW'],
    ...SETTINGS[kind],
  ]);
  const opened: MysqlConnection[] = [];
  const open = async (user: string, password: string, database = SCHEMA): Promise<MysqlConnection> => {
    const options = { endpoint: { socketPath: server.socketPath }, user, password, database };
    const session = await openConnection({ ...options, role: 'admin', timeoutMs: 20_000 });
    opened.push(session);
    return session;
  };
  await makeAccounts(await open('root', '', 'mysql'));
  const admin = await open('root', '', 'mysql');
  const sessions = { waiter: admin, watcher: await open('root', '', 'mysql') };
  return {
    kind,
    pid: server.pid,
    member,
    endpoint: { host: '127.0.0.1', port },
    admin,
    sessions,
    asAdmin: () => open('root', '', 'mysql'),
    asAgent: () => open('root', ''),
    asMail: () => open(roles.mail, PASSWORD),
    sql: async (...texts) => {
      const answers = await admin.batch(texts.map((text) => ({ name: 'test', text })));
      return answers.at(-1)?.rows ?? [];
    },
    async stop() {
      for (const session of opened) session.abandon();
      // It may be waiting for replicas that are gone.
      for (const last of ['SIGCONT', 'SIGKILL'] as const) signalIfThere(server.pid, last);
      await server.stop();
    },
  };
}

/** The same on each, and in no log. */
async function makeAccounts(admin: MysqlConnection): Promise<void> {
  const passwords = { replication: PASSWORD, mail: PASSWORD, salvage: PASSWORD };
  await admin.batch([
    { name: 'log-off', text: 'SET SESSION sql_log_bin = 0' },
    ...accountStatements({ flavour: admin.flavour, passwords }),
    ...repositoryGrants(SCHEMA),
  ]);
  admin.abandon();
}

/** What a new repository begins with, on its first primary; replicas get it from there. */
export async function makeRepository({ admin }: ReplicatingServer): Promise<void> {
  await admin.batch([
    { name: 'schema', text: `CREATE DATABASE ${SCHEMA}` },
    { name: 'use', text: `USE ${SCHEMA}` },
    ...repositoryEpochDdl,
    { name: 'table', text: 'CREATE TABLE t (id BIGINT AUTO_INCREMENT PRIMARY KEY, by_whom INT NOT NULL)' },
  ]);
}

/** A test may have killed it already. */
function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
