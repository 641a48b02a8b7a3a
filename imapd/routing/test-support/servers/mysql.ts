import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { MemberEndpoint } from '#contract/routing-document.ts';
import { accountStatements, repositoryGrants } from '#database/mysql/bootstrap-sql.ts';
import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { openConnection } from '#database/mysql/connection/open-connection.ts';
import type { Statement, Value } from '#database/mysql/connection/statement.ts';
import { serverProgram } from '#database/mysql/programs/create-data.ts';
import { attach } from '#database/mysql/replication/attach.ts';
import { standingOf } from '#database/mysql/replication/positions.ts';
import { promoteServer } from '#database/mysql/replication/promote.ts';
import { stopReceiver } from '#database/mysql/replication/receiver.ts';
import { readReplicaStatus } from '#database/mysql/replication/replica-status.ts';
import { requireAcknowledgements } from '#database/mysql/replication/semi-sync.ts';
import { wordsOf } from '#database/mysql/replication/words.ts';
import { repositoryEpochDdl, stampEpoch } from '#database/mysql/repository-epoch.ts';
import { setDoor } from '#database/mysql/sessions/door.ts';
import { endMailSessions } from '#database/mysql/sessions/mail-sessions.ts';
import { letAllWrite } from '#database/mysql/sessions/read-only.ts';
import type { SessionPair } from '#database/mysql/sessions/session-pair.ts';
import { copyTemplate, SMALL } from '#database/mysql/test-support/mysql-server.ts';
import { positionNumber } from '#database/position.ts';
import { packagedServers, type ServerKind, type ServerName } from '#database/programs/catalogue.ts';
import { ensureServer } from '#database/programs/ensure-server.ts';
import { roles } from '#database/roles.ts';
import { migrate } from '../../../store/mysql/migrations/migrate.ts';
import { mailCredentials } from '../mail-credentials.ts';
import { type ServerPlace, type Stored, TestServer } from '../test-server.ts';

const TIMEOUT_MS = 20_000;
const REPLICATION_PASSWORD = 'the-password-of-the-replication!';

const OF_REPLICATION = `ALTER USER ${roles.replication}@'%'
  IDENTIFIED VIA mysql_native_password USING PASSWORD('${REPLICATION_PASSWORD}')`;

const SETTINGS: Readonly<Record<ServerKind, readonly string[]>> = {
  mariadb: ['--gtid-strict-mode=1', '--gtid-domain-id=1', '--log-slave-updates=1', '--slave-net-timeout=2'],
  mysql: [
    ...['--gtid-mode=ON', '--enforce-gtid-consistency=ON', '--replica-net-timeout=2', '--performance-schema=OFF'],
    ...['--plugin-load-add=semisync_source.so', '--plugin-load-add=semisync_replica.so'],
  ],
};
/** What was committed survives the death of the server, if not that of the machine. */
const SURVIVES = ['--innodb-flush-log-at-trx-commit=2', '--sync-binlog=0'];

const signal = (): AbortSignal => AbortSignal.timeout(TIMEOUT_MS);

/** SIGINT, SIGTERM stop it in order; it would take SIGQUIT for the same, so that is SIGKILL here. */
export class MysqlTestServer extends TestServer {
  readonly database = 'imap';
  readonly #server: ServerName;
  readonly #kind: ServerKind;
  readonly #socketPath: string;
  #isReplica = false;
  #required = 0;

  constructor(place: ServerPlace, server: ServerName) {
    super(place);
    this.#server = server;
    this.#kind = packagedServers[server].kind;
    this.#socketPath = `${this.data}.s`;
  }

  async initialize(): Promise<void> {
    await copyTemplate(this.#server, await ensureServer(this.#server), this.data);
  }

  async start(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    const bin = await ensureServer(this.#server);
    const number = crc32(this.name);
    this.launch(join(bin, serverProgram[this.#kind]), [
      ...['--no-defaults', `--datadir=${this.data}`, `--socket=${this.#socketPath}`, `--pid-file=${this.data}.pid`],
      ...[`--log-error=${this.data}.log`, '--bind-address=127.0.0.1', `--port=${this.port}`, '--skip-name-resolve'],
      ...[`--server-id=${number}`, `--report-host=${this.name}`, '--log-bin=bin', '--relay-log=relay'],
      ...['--binlog-format=ROW', '--sync-relay-log=1', `--read-only=${this.#isReplica ? 1 : 0}`],
      ...[...SMALL[this.#kind], ...SURVIVES, ...SETTINGS[this.#kind]],
      ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`),
    ]);
    await this.until(() => this.#as('mysql', async () => true));
    if (this.#required > 0) await this.#admin((c) => requireAcknowledgements(c, this.#required));
  }

  override async stop(by: NodeJS.Signals = 'SIGQUIT'): Promise<void> {
    await super.stop(by === 'SIGINT' ? 'SIGTERM' : 'SIGKILL');
  }

  override async copyTo(other: TestServer): Promise<void> {
    await super.copyTo(other);
    // Two servers of one identity do not replicate from each other.
    await rm(join(other.data, 'auto.cnf'), { force: true });
  }

  async sql<R extends Record<string, unknown> = { setting: unknown }>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<R[]> {
    return await this.#admin(async (c) => {
      const [answer] = await c.batch([{ name: 'test', text, values: values as Value[] }]);
      return [...(answer?.rows ?? [])] as R[];
    });
  }

  async set(name: string, value: string): Promise<void> {
    await this.sql(`SET GLOBAL ${name} = ${value}`);
  }

  async makeRepository(): Promise<void> {
    await this.#as('mysql', async (c) => {
      await c.batch([
        ...this.#accounts(mailCredentials.password, c),
        { name: 'create', text: `CREATE DATABASE ${this.database}` },
        ...repositoryGrants(this.database),
        { name: 'use', text: `USE ${this.database}` },
        ...repositoryEpochDdl,
      ]);
    });
    await this.stamp(1, 0);
    const { endpoint, database } = this;
    const mail = await openConnection({ endpoint, ...mailCredentials, database, role: 'write', timeoutMs: TIMEOUT_MS });
    await migrate(mail);
    await mail.end();
  }

  async stamp(epoch: number, uidGap: number): Promise<void> {
    await this.#admin((c) => c.batch(stampEpoch(c.flavour, { epoch, uidGap, member: this.name })));
  }

  async startBehind(upstream: MemberEndpoint): Promise<void> {
    this.#isReplica = true;
    await this.start();
    // A copy of the upstream, whose numbers in the log are not its own.
    if (this.#kind === 'mariadb') await this.sql('SET GLOBAL gtid_slave_pos = @@GLOBAL.gtid_binlog_pos');
    await this.follow(upstream);
  }

  async follow(upstream: MemberEndpoint | null): Promise<void> {
    await this.#pair(async (pair) => {
      if (upstream === null) return await stopReceiver(pair, signal());
      const account = { user: roles.replication, password: REPLICATION_PASSWORD };
      await attach(pair, { upstream, ...account, acknowledges: true }, signal());
    });
  }

  async feeds(replica: TestServer): Promise<boolean> {
    if (!(replica instanceof MysqlTestServer)) throw new TypeError('a server of another engine');
    const status = await replica.#admin(readReplicaStatus);
    return status?.receiver === 'receiving' && status.upstream.port === this.port;
  }

  async requireOneOf(replicas: readonly string[]): Promise<void> {
    this.#required = Math.min(replicas.length, 1);
    await this.#admin((c) => requireAcknowledgements(c, this.#required));
  }

  async promote(): Promise<void> {
    await this.#pair(async (pair) => {
      await promoteServer(pair, signal());
      await letAllWrite(pair.watcher);
    });
    this.#isReplica = false;
  }

  async pauseReplay(): Promise<void> {
    await this.sql(`STOP ${wordsOf[this.#kind].replica} SQL_THREAD`);
  }

  async resumeReplay(): Promise<void> {
    await this.sql(`START ${wordsOf[this.#kind].replica} SQL_THREAD`);
  }

  async received(): Promise<string> {
    const { received } = await this.#admin(standingOf);
    return String(positionNumber(received)).padStart(20);
  }

  async makeMarks(): Promise<void> {
    await this.sql('CREATE TABLE marks (id VARBINARY(255) NOT NULL)');
  }

  async marks(): Promise<string[]> {
    return (await this.sql<{ id: string }>('SELECT id FROM marks ORDER BY id')).map(({ id }) => id);
  }

  async clearMarks(): Promise<void> {
    await this.sql('DELETE FROM marks');
  }

  async transactions(): Promise<number> {
    return Number(positionNumber((await this.#admin(standingOf)).applied));
  }

  async stored(owner: string, since: number): Promise<Stored> {
    const [found] = await this.sql<Omit<Stored, 'transactions'>>(
      `SELECT COUNT(*) AS messages, COUNT(DISTINCT c.header) AS contents
        FROM message m JOIN mailbox b ON b.id = m.mailbox JOIN content c ON c.id = m.content WHERE b.owner = ?`,
      [owner],
    );
    return { ...(found ?? { messages: 0, contents: 0 }), transactions: (await this.transactions()) - since };
  }

  async lockMailboxesOf(owner: string, seconds: number): Promise<void> {
    await this.#admin((c) =>
      c.batch([
        { name: 'begin', text: 'START TRANSACTION' },
        { name: 'lock', text: 'SELECT id FROM mailbox WHERE owner = ? FOR UPDATE', values: [owner] },
        { name: 'wait', text: 'DO SLEEP(?)', values: [seconds] },
        { name: 'commit', text: 'COMMIT' },
      ]),
    );
  }

  async setMailPassword(password: string): Promise<void> {
    await this.#admin((c) => c.batch(this.#accounts(password, c)));
  }

  async mailSessions(): Promise<number[]> {
    return await this.#sessions('TRUE');
  }

  async endMailSessions(): Promise<void> {
    const ids = await this.mailSessions();
    // Some may end by themselves meanwhile.
    for (const id of ids) await this.sql(`KILL CONNECTION ${id}`).catch(() => undefined);
  }

  async end(what: 'statement' | 'session', session: number): Promise<void> {
    await this.sql(`KILL ${what === 'session' ? 'CONNECTION' : 'QUERY'} ${session}`);
  }

  async fence(): Promise<void> {
    await this.#pair(async (pair) => {
      await setDoor(pair.watcher, [roles.replication]);
      const ended = await endMailSessions(pair, signal());
      if (ended !== 'ended') throw new Error(`the fence: ${ended}`);
    });
  }

  async admit(to: 'signIn' | 'write'): Promise<void> {
    await this.#admin(async (c) => {
      if (to === 'write') await letAllWrite(c);
      else await setDoor(c, [roles.replication, roles.mail, roles.salvage]);
    });
  }

  async waitingCommits(): Promise<number[]> {
    return await this.#sessions("state LIKE 'Waiting for semi-sync ACK%'");
  }

  async stampWaits(): Promise<boolean> {
    // Not by InnoDB's own list, which stands still for who asks more often than ten times a second.
    const stamps = "info LIKE 'SELECT 1 FROM epoch_door%FOR UPDATE'";
    return (await this.sql(`SELECT 1 AS waits FROM information_schema.processlist WHERE ${stamps}`)).length === 1;
  }

  async watchOfReplica(): Promise<() => Promise<boolean>> {
    const from = await this.#watched();
    // The first may have begun before; the last may not have been answered yet.
    return async () => (await this.#watched()) >= from + 3;
  }

  /** How often it was asked what it replicates, the last thing that the watch asks. */
  async #watched(): Promise<number> {
    const name = `Com_show_${wordsOf[this.#kind].replica.toLowerCase()}_status`;
    const [row] = await this.sql<{ Value: string }>(`SHOW GLOBAL STATUS LIKE '${name}'`);
    return Number(row?.Value);
  }

  async #sessions(condition: string): Promise<number[]> {
    const text = `SELECT id AS id FROM information_schema.processlist WHERE user = ? AND ${condition} ORDER BY id`;
    return (await this.sql<{ id: number }>(text, [roles.mail])).map(({ id }) => id);
  }

  #accounts(mail: string, { flavour }: MysqlConnection): readonly Statement[] {
    const passwords = { replication: REPLICATION_PASSWORD, mail, salvage: REPLICATION_PASSWORD };
    return [
      ...accountStatements({ flavour, passwords }),
      // The packages of the server bring the half of ed25519 that checks, and not the one that signs in.
      ...(flavour === 'mariadb' ? [{ name: 'replication', text: OF_REPLICATION }] : []),
    ];
  }

  #pair<T>(use: (pair: SessionPair) => Promise<T>): Promise<T> {
    return this.#admin((waiter) => this.#admin((watcher) => use({ waiter, watcher })));
  }

  #admin<T>(use: (c: MysqlConnection) => Promise<T>): Promise<T> {
    return this.#as(this.database, use);
  }

  async #as<T>(database: string, use: (c: MysqlConnection) => Promise<T>): Promise<T> {
    const endpoint = { socketPath: this.#socketPath };
    const c = await openConnection({
      endpoint,
      user: 'root',
      password: '',
      database,
      role: 'admin',
      timeoutMs: TIMEOUT_MS,
    });
    try {
      return await use(c);
    } finally {
      c.abandon();
    }
  }
}
