import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Target } from '#contract/routing-document.ts';
import type { Engine } from '#database/engine.ts';
import type { EngineUnderTest } from '#database/test-support/engines-under-test.ts';
import { freePort } from '#runtime/test-support/free-ports.ts';
import { engineOf, newServer, testEngine } from './servers/engines.ts';
import type { TestStatements } from './statements.ts';
import type { TestServer } from './test-server.ts';

export type TestRepositoryOptions = {
  /** Names of the members; the first one is the primary. */
  readonly members: readonly string[];
  /** Commits wait for one replica. */
  readonly synchronous?: boolean;
  readonly engine?: EngineUnderTest;
};

/** A repository of real servers with the mail schema, at epoch 1. */
export class TestRepository {
  readonly engine: Engine;
  readonly folder: string;
  readonly #under: EngineUnderTest;
  readonly #servers = new Map<string, TestServer>();

  private constructor(under: EngineUnderTest, folder: string) {
    this.#under = under;
    this.engine = engineOf(under);
    this.folder = folder;
  }

  static async start(options: TestRepositoryOptions): Promise<TestRepository> {
    const folder = await mkdtemp(join(tmpdir(), 'imapcluster-routing-'));
    if (process.getuid?.() === 0) await once(spawn('chown', ['65534:65534', folder]), 'exit');
    const repository = new TestRepository(options.engine ?? 'postgresql', folder);
    try {
      for (const name of options.members) repository.#servers.set(name, await repository.newServer(name));
      await repository.#build(options);
    } catch (error) {
      await repository.close();
      throw error;
    }
    return repository;
  }

  /** What tests do with the connections of `access`. */
  get statements(): TestStatements<object> {
    return testEngine(this.engine).statements;
  }

  get servers(): ReadonlyMap<string, TestServer> {
    return this.#servers;
  }

  server(name: string): TestServer {
    const server = this.servers.get(name);
    if (server === undefined) throw new Error(`no member ${name}`);
    return server;
  }

  /** A server at a place of its own that is none of the members yet, over the data of that name. */
  async newServer(name: string): Promise<TestServer> {
    return newServer(this.#under, { name, port: await freePort(), folder: this.folder });
  }

  /** The target of a document: `writer` writes, the other members are read from unless said otherwise. */
  target(writer: string | null, epoch: number, more: Partial<Target> = {}): Target {
    const names = [...this.servers.keys()];
    const [database = ''] = [...this.servers.values()].map((server) => server.database);
    return {
      epoch,
      engine: this.engine,
      database,
      durability: 'Quorum',
      writer,
      readers: names.filter((name) => name !== writer),
      leaseSeconds: null,
      members: Object.fromEntries([...this.servers].map(([name, server]) => [name, server.endpoint])),
      ...more,
    };
  }

  async stamp(name: string, epoch: number, uidGap = 0): Promise<void> {
    await this.server(name).stamp(epoch, uidGap);
  }

  /** `required`: for one of these replicas commits wait from now on. */
  async promote(name: string, required: readonly string[] = []): Promise<void> {
    await this.server(name).requireOneOf(required);
    await this.server(name).promote();
  }

  /** Points a running replica at another upstream; null detaches it. */
  async follow(name: string, upstream: string | null): Promise<void> {
    await this.server(name).follow(upstream === null ? null : this.server(upstream).endpoint);
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
    await primary.makeRepository();
    if (replicas.length === 0) return;
    await primary.stop('SIGINT');
    for (const replica of replicas) {
      await primary.copyTo(replica);
      await replica.startBehind(primary.endpoint);
    }
    await primary.start();
    await Promise.all(replicas.map((replica) => primary.until(() => primary.feeds(replica))));
    if (synchronous) await primary.requireOneOf(replicas.map(({ name }) => name));
  }
}
