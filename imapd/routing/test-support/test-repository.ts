import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Target } from '#contract/routing-document.ts';
import { insertEpoch, repositoryEpochDdl } from '#database/postgres/repository-epoch.ts';
import { roles } from '#database/roles.ts';
import { freePort } from '#runtime/test-support/free-ports.ts';
import { migrate } from '../../store/postgres/migrations/migrate.ts';
import { TestServer } from './test-server.ts';

export const mailCredentials = { user: roles.mail, password: 'mail' };

export type TestRepositoryOptions = {
  /** Names of the members; the first one is the primary. */
  readonly members: readonly string[];
  /** Commits wait for one replica. */
  readonly synchronous?: boolean;
};

/** A repository of real servers with the mail schema, at epoch 1. */
export class TestRepository {
  readonly folder: string;
  readonly servers: ReadonlyMap<string, TestServer>;

  private constructor(folder: string, servers: ReadonlyMap<string, TestServer>) {
    this.folder = folder;
    this.servers = servers;
  }

  static async start(options: TestRepositoryOptions): Promise<TestRepository> {
    const folder = await mkdtemp(join(tmpdir(), 'imapcluster-routing-'));
    if (process.getuid?.() === 0) await once(spawn('chown', ['65534:65534', folder]), 'exit');
    const servers = new Map<string, TestServer>();
    for (const name of options.members) servers.set(name, new TestServer({ name, port: await freePort(), folder }));
    const repository = new TestRepository(folder, servers);
    try {
      await repository.#build(options);
    } catch (error) {
      await repository.close();
      throw error;
    }
    return repository;
  }

  server(name: string): TestServer {
    const server = this.servers.get(name);
    if (server === undefined) throw new Error(`no member ${name}`);
    return server;
  }

  /** The target of a document: `writer` writes, the other members are read from unless said otherwise. */
  target(writer: string | null, epoch: number, more: Partial<Target> = {}): Target {
    const names = [...this.servers.keys()];
    return {
      epoch,
      engine: 'postgresql',
      database: 'postgres',
      durability: 'Quorum',
      writer,
      readers: names.filter((name) => name !== writer),
      leaseSeconds: null,
      members: Object.fromEntries([...this.servers].map(([name, server]) => [name, server.endpoint])),
      ...more,
    };
  }

  async stamp(name: string, epoch: number, uidGap = 0): Promise<void> {
    await this.server(name).sql(insertEpoch, [epoch, uidGap, name]);
  }

  async promote(name: string, synchronousNames = ''): Promise<void> {
    await this.server(name).set('synchronous_standby_names', synchronousNames);
    await this.server(name).sql('SELECT pg_promote(true, 20)');
  }

  /** Points a running replica at another upstream; null detaches it. */
  async follow(name: string, upstream: string | null): Promise<void> {
    const conninfo = upstream === null ? '' : connectionTo(this.server(upstream), name);
    await this.server(name).set('primary_conninfo', conninfo);
  }

  [Symbol.asyncDispose] = (): Promise<void> => this.close();

  async close(): Promise<void> {
    await Promise.all([...this.servers.values()].map((server) => server.stop('SIGQUIT')));
    await rm(this.folder, { recursive: true, force: true });
  }

  async #build({ members, synchronous = false }: TestRepositoryOptions): Promise<void> {
    const [primary, ...replicas] = members.map((name) => this.server(name));
    if (primary === undefined) throw new Error('a repository has a member');
    await primary.initialize();
    await primary.start();
    await primary.sql(repositoryEpochDdl);
    await primary.sql(`CREATE ROLE ${roles.mail} LOGIN PASSWORD '${mailCredentials.password}' IN ROLE pg_monitor`);
    await primary.sql(`CREATE ROLE ${roles.replication} LOGIN REPLICATION PASSWORD 'replication'`);
    await primary.sql(`GRANT CREATE ON DATABASE postgres TO ${roles.mail}`);
    await primary.sql(insertEpoch, [1, 0, primary.name]);
    await migrateAs(primary);
    if (replicas.length > 0) await this.#replicate(primary, { replicas, synchronous });
  }

  async #replicate(
    primary: TestServer,
    { replicas, synchronous }: { readonly replicas: readonly TestServer[]; readonly synchronous: boolean },
  ): Promise<void> {
    await primary.stop('SIGINT');
    for (const replica of replicas) {
      await primary.copyTo(replica);
      await startReplica(replica, primary);
    }
    await primary.start();
    const names = replicas.map((replica) => `"${replica.name}"`).join(', ');
    await Promise.all(replicas.map((replica) => streams(primary, replica)));
    if (synchronous) await primary.set('synchronous_standby_names', `ANY 1 (${names})`);
  }
}

/** Starts a copy as the replica of `upstream`. */
async function startReplica(replica: TestServer, upstream: TestServer): Promise<void> {
  await writeFile(join(replica.data, 'standby.signal'), '');
  const conninfo = `primary_conninfo = '${connectionTo(upstream, replica.name)}'\n`;
  await appendFile(join(replica.data, 'postgresql.auto.conf'), conninfo);
  await replica.start();
}

const connectionTo = (upstream: TestServer, name: string): string =>
  `host=${upstream.endpoint.host} port=${upstream.port} user=${roles.replication} password=replication application_name=${name}`;

async function streams(primary: TestServer, replica: TestServer): Promise<void> {
  const streaming = `SELECT 1 FROM pg_stat_replication WHERE application_name = '${replica.name}' AND state = 'streaming'`;
  await primary.until(async () => (await primary.sql(streaming)).length === 1);
}

async function migrateAs(primary: TestServer): Promise<void> {
  const client = new Client({ ...primary.endpoint, ...mailCredentials, database: 'postgres' });
  await client.connect();
  try {
    await migrate(client);
  } finally {
    await client.end();
  }
}
