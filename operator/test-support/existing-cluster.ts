import { Registry } from 'prom-client';
import type { DatabaseTls } from '#contract/database-tls.ts';
import { clusterName, type MemberName, partitionName } from '#contract/names.ts';
import { generateSigningKey, type SigningKey } from '#contract/signature.ts';
import { longPassword } from '#member/test-support/long-password.ts';
import { pause } from '#runtime/deadline.ts';
import { createLogger } from '#runtime/logger.ts';
import { type Operator, startOperator } from '../core.ts';
import type { CrashPoint } from '../failover/steps/crash-point.ts';
import type { SqlCredentials } from '../members/by-sql/sql-credentials.ts';
import { SqlDirectory } from '../members/by-sql/sql-directory.ts';
import type { ClusterSpec, PartitionSpec } from '../partition/partition-spec.ts';
import type { PartitionRecord } from '../partition/record.ts';
import type { Clock, OperatorEvent, Ports } from '../ports.ts';
import { httpPodApi } from '../targets/http-pod-api.ts';
import { defaultTuning } from '../tuning.ts';
import { ADMINISTRATOR, type ExistingServer, type ExistingServers } from './existing-servers.ts';
import { MemoryStores } from './memory-stores.ts';
import { TestJobs } from './test-jobs.ts';
import { TestPod } from './test-pod.ts';
import { TestWriter } from './test-writer.ts';

export const PARTITION = partitionName('users-a');
const DATABASE = 'imap';
/** As long as MariaDB wants them. */
const ROLE_PASSWORDS = {
  replication: longPassword("replication's"),
  mail: longPassword('mail-password'),
  salvage: longPassword('salvage-password'),
};

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => pause(ms, signal),
};

/** The operator's core over servers that somebody else runs, and an imapd that obeys. */
export class ExistingCluster implements AsyncDisposable {
  readonly servers: ExistingServers;
  readonly events: OperatorEvent[] = [];
  readonly jobs: TestJobs;
  /** What the operator is told of the administrator; may be mended while it runs. */
  credentials: SqlCredentials = { ok: true, ...ADMINISTRATOR, rolePasswords: ROLE_PASSWORDS };
  /** How the servers have to prove who they are; see `tellAgain`. */
  tls: DatabaseTls | undefined;
  readonly stores = new MemoryStores();
  readonly #durability: PartitionSpec['durability'];
  #key: SigningKey | null = null;
  #pod: TestPod | null = null;
  #members: SqlDirectory | null = null;
  #operator: Operator | null = null;
  #written = 0;

  constructor(servers: ExistingServers, durability: PartitionSpec['durability']) {
    this.servers = servers;
    this.#durability = durability;
    this.jobs = new TestJobs(servers.engine, ROLE_PASSWORDS);
  }

  get record(): PartitionRecord {
    return this.operator.status()[0]!.record;
  }

  get operator(): Operator {
    return this.#operator!;
  }

  async start(crashPoint?: CrashPoint): Promise<this> {
    this.#key ??= await generateSigningKey('test');
    this.#pod ??= await new TestPod('imapd-0', [this.#key.publicJwk]).listen();
    const { privateJwk } = this.#key;
    const pod = this.#pod;
    const spec = this.#spec();
    const log = createLogger({ program: 'operator', level: process.env.TEST_LOG ?? 'silent', pretty: false });
    this.#members = new SqlDirectory({
      cluster: spec.cluster,
      clock,
      random: Math.random,
      credentials: async () => this.credentials,
      log,
    });
    this.#members.apply(spec.partitions);
    const ports: Ports = {
      members: this.#members,
      records: this.stores.records,
      routing: this.stores.routing,
      pods: { list: async () => [{ name: pod.name, adminUrl: pod.adminUrl }] },
      podApi: httpPodApi,
      jobs: this.jobs,
      events: { emit: (event) => this.events.push(event) },
      clock,
      keys: { signing: async () => privateJwk },
      log,
      metrics: new Registry(),
    };
    this.#operator = await startOperator(ports, { spec, tuning: defaultTuning, crashPoint });
    return this;
  }

  /** As a manifest that was changed. */
  async tellAgain(): Promise<void> {
    const spec = this.#spec();
    this.#members?.apply(spec.partitions);
    await this.operator.apply(spec);
  }

  async stopOperator(): Promise<void> {
    this.#members?.close();
    await this.#operator?.stop();
  }

  /** Rows of a writer are its own: each begins somewhere else. */
  write(): TestWriter {
    const first = 1_000_000 * this.#written++ + 1;
    const { engine } = this.servers;
    const options = { engine, partition: PARTITION, database: DATABASE, password: ROLE_PASSWORDS.mail, first };
    return new TestWriter(this.#pod!, options);
  }

  primary(): ExistingServer {
    return this.servers.server(this.record.primary ?? '');
  }

  condition(type: string): PartitionRecord['conditions'][number] | undefined {
    return this.record.conditions.find((condition) => condition.type === type);
  }

  rejoining(member: MemberName): string | null {
    return this.record.rejoining.find((entry) => entry.member === member)?.problem ?? null;
  }

  async until(holds: (record: PartitionRecord) => boolean, ms = 40_000): Promise<PartitionRecord> {
    const end = performance.now() + ms;
    while (!holds(this.record)) {
      if (performance.now() > end) throw new Error(`not within ${ms} ms: ${this.describe()}`);
      await pause(10);
    }
    return this.record;
  }

  /** Up to where a member had received when it was seen last. */
  received(member: MemberName): string {
    const found = this.operator.status()[0]?.members.find(({ name }) => name === member);
    return found?.report?.replication?.received ?? '0/0';
  }

  /** Ids that the primary holds. */
  async stored(): Promise<ReadonlySet<number>> {
    const table = this.servers.engine === 'postgresql' ? 'mail.tail' : 'tail';
    const rows = await this.servers.ask(this.primary(), `SELECT id FROM ${table}`, DATABASE);
    return new Set(rows.map((row) => Number(row.id)));
  }

  describe(): string {
    const events = this.events.map((event) => `${event.code}: ${event.message ?? ''}`);
    const logs = this.servers.servers.map((server) => `${server.name}: ${server.log().slice(-1_500)}`);
    return `${JSON.stringify({ views: this.operator.status(), events }, null, 1)}\n${logs.join('\n')}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopOperator();
    this.#pod?.close();
    await this.servers.stop();
  }

  #spec(): ClusterSpec {
    const partition: PartitionSpec = {
      name: PARTITION,
      engine: this.servers.engine,
      control: 'sql',
      database: DATABASE,
      tls: this.tls,
      schema: '1',
      members: this.servers.servers.map(({ name, endpoint }) => ({ name, endpoint, agentUrl: null })),
      retainedLogBytes: 1_024 ** 3,
      durability: this.#durability,
      failover: {
        mode: 'Automatic',
        probeIntervalMs: 250,
        failureThreshold: 3,
        maxLostSeconds: 5,
        delayMs: 0,
        uidGap: 1_000_000,
      },
      paused: false,
    };
    const placement = { users: {}, namespaces: {}, slots: [{ from: 0, to: 1023, partition: PARTITION }] };
    return { cluster: clusterName('mail'), placement, partitions: [partition] };
  }
}
