import { Registry } from 'prom-client';
import { clusterName, memberName, partitionName } from '#contract/names.ts';
import { roles } from '#database/roles.ts';
import type { EngineUnderTest } from '#database/test-support/engines-under-test.ts';
import { type RunningMember, type RunningMembers, startMembers } from '#member/test-support/start-members.ts';
import { pause } from '#runtime/deadline.ts';
import { createLogger } from '#runtime/logger.ts';
import { type Operator, startOperator } from '../core.ts';
import type { CrashPoint } from '../failover/steps/crash-point.ts';
import { AgentDirectory } from '../members/agent-directory.ts';
import type { ClusterSpec, PartitionSpec } from '../partition/partition-spec.ts';
import type { PartitionRecord } from '../partition/record.ts';
import type { Clock, OperatorEvent, Ports } from '../ports.ts';
import { httpPodApi } from '../targets/http-pod-api.ts';
import { defaultTuning, type Tuning } from '../tuning.ts';
import { MemoryStores } from './memory-stores.ts';
import { openTail } from './open-tail.ts';
import { TestJobs } from './test-jobs.ts';
import { TestPod } from './test-pod.ts';
import { TestWriter } from './test-writer.ts';

export type ClusterOptions = {
  readonly members: number;
  /** Default: PostgreSQL. */
  readonly engine?: EngineUnderTest;
  readonly durability?: PartitionSpec['durability'];
  readonly failover?: Partial<PartitionSpec['failover']>;
  readonly pods?: number;
  readonly tuning?: Partial<Tuning>;
  /** Merged into each agent's configuration. */
  readonly agents?: Record<string, unknown>;
  /** `debug` shows every command that is sent to an agent. */
  readonly logLevel?: string;
  /** What the operator is given in place of these ports: the same, and somebody looks on. */
  readonly watch?: (ports: Ports) => Ports;
};

const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => pause(ms, signal),
};

/** For the servers of all members to be made, and to follow: MySQL takes seconds for each. */
export const START_MS = 180_000;

export const PARTITION = partitionName('users-a');

/** What an operator is told of these members. */
export function specOf(
  { members, engine, database, cluster }: RunningMembers,
  { durability, failover }: Pick<ClusterOptions, 'durability' | 'failover'> = {},
): ClusterSpec {
  const partition: PartitionSpec = {
    name: PARTITION,
    engine,
    database,
    schema: '1',
    members: members.map(({ name, endpoint, agentUrl }) => ({ name: memberName(name), endpoint, agentUrl })),
    retainedLogBytes: 1_024 ** 3,
    durability: durability ?? { mode: 'Quorum', whenDegraded: 'Hold' },
    failover: {
      mode: 'Automatic',
      probeIntervalMs: 250,
      failureThreshold: 3,
      maxLostSeconds: 5,
      delayMs: 0,
      uidGap: 1_000_000,
      ...failover,
    },
    paused: false,
  };
  const placement = { users: {}, namespaces: {}, slots: [{ from: 0, to: 1023, partition: PARTITION }] };
  return { cluster: clusterName(cluster), placement, partitions: [partition] };
}

/** One partition of real agents and servers, pods that obey, and an operator that can be killed and started again. */
export class TestCluster {
  readonly members: RunningMembers;
  readonly pods: TestPod[] = [];
  readonly stores = new MemoryStores();
  readonly events: OperatorEvent[] = [];
  readonly jobs: TestJobs;
  readonly #options: ClusterOptions;
  readonly #writers: TestWriter[] = [];
  #operator: Operator | null = null;
  #agents: AgentDirectory | null = null;

  constructor(members: RunningMembers, options: ClusterOptions) {
    this.members = members;
    this.#options = options;
    this.jobs = new TestJobs(members.engine, members.passwords);
  }

  get operator(): Operator {
    return this.#operator!;
  }

  get record(): PartitionRecord {
    return this.operator.status()[0]!.record;
  }

  get spec(): ClusterSpec {
    return specOf(this.members, this.#options);
  }

  async startOperator(crashPoint?: CrashPoint): Promise<void> {
    const tuning = { ...defaultTuning, ...this.#options.tuning };
    const keys = { signing: async () => this.members.key.privateJwk };
    const agents = new AgentDirectory({
      cluster: this.spec.cluster,
      token: this.members.token,
      keys,
      clock: realClock,
      silenceMs: tuning.heartbeatTimeoutMs,
    });
    agents.apply(this.spec.partitions);
    this.#agents = agents;
    const ports: Ports = {
      members: agents,
      records: this.stores.records,
      routing: this.stores.routing,
      pods: { list: async () => this.pods.map(({ name, adminUrl }) => ({ name, adminUrl })) },
      podApi: httpPodApi,
      jobs: this.jobs,
      events: { emit: (event) => this.events.push(event) },
      clock: realClock,
      keys,
      log: createLogger({ program: 'operator', level: this.#options.logLevel ?? 'silent', pretty: false }),
      metrics: new Registry(),
    };
    const { watch = () => ports } = this.#options;
    this.#operator = await startOperator(watch(ports), { spec: this.spec, tuning, crashPoint });
  }

  /** Replaces the operator by a new one that knows only what is durable. In the middle of whatever it was doing. */
  async restartOperator(crashPoint?: CrashPoint): Promise<void> {
    await this.stopOperator();
    await this.startOperator(crashPoint);
  }

  async stopOperator(): Promise<void> {
    this.#agents?.close();
    await this.#operator?.stop();
  }

  async addPod(): Promise<TestPod> {
    const pod = await new TestPod(`imapd-${this.pods.length}`, [this.members.key.publicJwk]).listen();
    this.pods.push(pod);
    return pod;
  }

  write(pod = this.pods[0]!): TestWriter {
    const { engine, database, passwords } = this.members;
    const first = this.#writers.length * 1_000_000 + 1;
    const writer = new TestWriter(pod, { engine, partition: PARTITION, database, password: passwords.mail, first });
    this.#writers.push(writer);
    return writer;
  }

  primary(): RunningMember {
    return this.members.member(this.record.primary ?? '');
  }

  /** SIGKILL to the server itself; returns when that was. */
  async kill(member: RunningMember): Promise<number> {
    const { serverPid } = await member.client.status();
    const at = performance.now();
    process.kill(serverPid!, 'SIGKILL');
    return at;
  }

  async until(holds: (record: PartitionRecord) => boolean, ms = 20_000): Promise<PartitionRecord> {
    const end = performance.now() + ms;
    while (!holds(this.record)) {
      if (performance.now() > end) throw new Error(`not within ${ms} ms: ${this.describe()}`);
      await pause(10);
    }
    return this.record;
  }

  async healthy(ms?: number): Promise<PartitionRecord> {
    return await this.until((record) => record.phase === 'Healthy' && isConverged(record), ms);
  }

  /** Ids that a reader of the primary sees. */
  async stored(): Promise<number[]> {
    return await storedOn(this.primary(), this.members);
  }

  describe(): string {
    const views = this.operator.status();
    const events = this.events.map((event) => `${event.code}: ${event.message ?? ''}`);
    return JSON.stringify({ views, events }, null, 1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#writers.map((writer) => writer.stop()));
    await this.stopOperator();
    for (const pod of this.pods) pod.close();
    await this.members.stop();
  }
}

const isConverged = ({ conditions }: PartitionRecord): boolean =>
  conditions.some(({ type, status }) => type === 'TargetsConverged' && status === 'True');

export async function startCluster(options: ClusterOptions): Promise<TestCluster> {
  const configuration = options.agents ?? {};
  const { engine = 'postgresql' } = options;
  const members = await startMembers({ members: options.members, engine, partition: PARTITION, configuration });
  const cluster = new TestCluster(members, options);
  for (let count = 0; count < (options.pods ?? 2); count += 1) await cluster.addPod();
  await cluster.startOperator();
  await cluster.healthy(START_MS / 2);
  return cluster;
}

/** Ids of the rows that a member holds. */
export async function storedOn(
  member: RunningMember,
  { engine, passwords, database }: RunningMembers,
): Promise<number[]> {
  const account = { user: roles.salvage, password: passwords.salvage };
  const tail = await openTail({ engine, endpoint: member.endpoint, database, ...account });
  const ids = await tail.ids();
  await tail.end();
  return ids;
}
