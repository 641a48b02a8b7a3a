import { Registry } from 'prom-client';
import { type ClusterName, clusterName, type MemberName, memberName, partitionName } from '#contract/names.ts';
import type { Heartbeat, RepositoryView } from '#contract/push-api.ts';
import type { RoutingDocument } from '#contract/routing-document.ts';
import { generateSigningKey, type SigningKey } from '#contract/signature.ts';
import { createLogger } from '#runtime/logger.ts';
import { type Operator, startOperator } from '../core.ts';
import type { CrashPoint } from '../failover/steps/crash-point.ts';
import type { ClusterSpec, PartitionSpec } from '../partition/partition-spec.ts';
import type { PartitionRecord } from '../partition/record.ts';
import type {
  Job,
  MemberControl,
  MemberRequest,
  MemberSighting,
  OperatorEvent,
  Pod,
  PodApi,
  Ports,
  PushOutcome,
} from '../ports.ts';
import { defaultTuning, type Tuning } from '../tuning.ts';
import { MemoryStores } from './memory-stores.ts';
import { SimulatedServer } from './simulated-server.ts';
import { VirtualClock } from './virtual-clock.ts';

export const SIMULATED = partitionName('users-a');

export type SimulationOptions = {
  readonly members?: number;
  /** By whose rules the operator changes the primary; default: PostgreSQL. */
  readonly engine?: PartitionSpec['engine'];
  readonly durability?: PartitionSpec['durability'];
  readonly failover?: Partial<PartitionSpec['failover']>;
  readonly tuning?: Partial<Tuning>;
};

let signing: Promise<SigningKey> | null = null;
const sharedKey = (): Promise<SigningKey> => {
  signing ??= generateSigningKey('simulation');
  return signing;
};

/** The real core over a model of agents, servers and pods, in virtual time: an hour of faults in a moment. */
export class SimulatedCluster {
  readonly clock = new VirtualClock();
  readonly stores = new MemoryStores();
  readonly events: OperatorEvent[] = [];
  readonly jobs: Job[] = [];
  readonly servers: readonly SimulatedServer[];
  readonly acknowledged: string[] = [];
  /** When each of them was, and by whom. */
  readonly acknowledgements = new Map<string, { readonly at: number; readonly by: string }>();
  /** What the next operator is told; the running one by `operator.apply`. */
  spec: ClusterSpec;
  pod: RoutingDocument | null = null;
  podUp = true;
  /** Whether the last heartbeat said that there is no disk space. */
  toldFull = false;
  /** Members that imapd was told of although they did not show it the schema it expects. */
  readonly unfit: string[] = [];
  readonly #options: SimulationOptions;
  #operator: Operator | null = null;
  #next = 0;
  #answeredAt = 0;

  constructor(options: SimulationOptions = {}) {
    this.#options = options;
    const names = Array.from({ length: options.members ?? 3 }, (_, index) => `a${index}`);
    const world = { names, peer: (name: string) => this.server(name), now: () => this.clock.monotonic() };
    this.servers = names.map((name) => new SimulatedServer(name, world));
    this.spec = { cluster: clusterName('mail'), placement, partitions: [specOf(names, options)] };
  }

  server(name: string): SimulatedServer {
    const found = this.servers.find((server) => server.name === name);
    if (found === undefined) throw new Error(`no server ${name}`);
    return found;
  }

  get operator(): Operator {
    if (this.#operator === null) throw new Error('the operator is not running');
    return this.#operator;
  }

  get record(): PartitionRecord {
    const view = this.operator.status()[0];
    if (view === undefined) throw new Error('there is no partition');
    return view.record;
  }

  get primary(): SimulatedServer {
    return this.server(this.record.primary ?? 'nobody');
  }

  async start(crashPoint?: CrashPoint): Promise<void> {
    const key = await sharedKey();
    const ports: Ports = {
      members: this.#members(),
      records: this.stores.records,
      routing: this.stores.routing,
      pods: { list: async () => [{ name: 'imapd-0', adminUrl: 'http://imapd-0' }] },
      podApi: this.#podApi(this.spec.cluster),
      jobs: {
        run: async (job, signal) => {
          this.jobs.push(job);
          return await this.runJob(job, signal);
        },
      },
      events: { emit: (event) => this.events.push(event) },
      clock: this.clock,
      keys: { signing: async () => key.privateJwk },
      log: createLogger({ program: 'operator', level: 'silent', pretty: false }),
      metrics: new Registry(),
    };
    const tuning = { ...defaultTuning, ...this.#options.tuning };
    this.#operator = await startOperator(ports, { spec: this.spec, tuning, crashPoint });
  }

  async stop(): Promise<void> {
    const stopped = this.operator.stop();
    let ended = false;
    void stopped.then(() => {
      ended = true;
    });
    // Nobody else moves the clock: an operator that does not end by then never would.
    if (!(await this.clock.until(() => ended, 60_000))) throw new Error('the operator does not stop');
    await stopped;
  }

  /** What imapd's jobs do. A migration is an entry of the log, as any other change. */
  runJob: Ports['jobs']['run'] = async (job) => {
    if (job.kind === 'migrate' && !this.#showsSchema(job.writer.member)) {
      this.server(job.writer.member).append(`schema ${this.#schema}`);
    }
    return { ok: true, result: { messages: 0, flags: 0, skipped: 0 } };
  };

  get #schema(): string {
    return this.spec.partitions[0]?.schema ?? '';
  }

  #showsSchema(member: string): boolean {
    return this.server(member).log.some(({ id }) => id === `schema ${this.#schema}`);
  }

  /** Changes the settings of the partition for the next operator. */
  change(settings: Partial<PartitionSpec>): void {
    this.spec = { ...this.spec, partitions: this.spec.partitions.map((spec) => ({ ...spec, ...settings })) };
  }

  async restart(crashPoint?: CrashPoint): Promise<void> {
    await this.stop();
    await this.start(crashPoint);
  }

  /** Replication goes on and agents report while time passes. */
  async until(holds: () => boolean, ms = 120_000): Promise<boolean> {
    return await this.clock.until(() => {
      for (const server of this.servers) server.replicate();
      this.#listener(SIMULATED);
      return holds();
    }, ms);
  }

  async healthy(ms?: number): Promise<boolean> {
    return await this.until(() => this.record.phase === 'Healthy' && this.record.rejoining.length === 0, ms);
  }

  /** A client writes through the pod's routing; remembered where it is acknowledged. */
  write(): boolean {
    const target = this.pod?.partitions[SIMULATED];
    const writer = target?.writer ?? null;
    if (target === undefined || writer === null) return false;
    const server = this.server(writer);
    if (failureOf(server) !== null) return false;
    this.#next += 1;
    const id = `write ${this.#next}`;
    const acknowledged = server.append(id);
    if (!acknowledged) return false;
    this.acknowledged.push(id);
    this.acknowledgements.set(id, { at: this.clock.monotonic(), by: writer });
    this.#answeredAt = this.clock.monotonic();
    return true;
  }

  /** Acknowledged writes that the primary does not have. */
  lost(): readonly string[] {
    const kept = new Set(this.primary.log.map((entry) => entry.id));
    return this.acknowledged.filter((id) => !kept.has(id));
  }

  #listener: (partition: typeof SIMULATED) => void = () => undefined;
  readonly #sightings = new Map<MemberName, MemberSighting>();

  #members(): MemberControl {
    return {
      observe: () => {
        for (const server of this.servers) {
          const name = memberName(server.name);
          const before = this.#sightings.get(name);
          const { platform } = server;
          if (server.unseen) {
            this.#sightings.delete(name);
            continue;
          }
          if (server.mute && before !== undefined) continue;
          this.#sightings.set(name, {
            ...(server.agentUp
              ? { connected: true, failure: null, report: server.report(SIMULATED), reportedAt: this.clock.monotonic() }
              : {
                  connected: false,
                  failure: 'refused',
                  report: before?.report ?? null,
                  reportedAt: before?.reportedAt ?? null,
                }),
            platform,
          });
        }
        return this.#sightings;
      },
      onChange: (listener) => {
        this.#listener = listener;
        return () => undefined;
      },
      send: async (request: MemberRequest) => {
        const server = this.server(request.member);
        // In that time others act.
        await this.clock.sleep(Math.min(server.durationMs(request.command), request.deadlineMs), request.signal);
        if (!server.agentUp || request.signal?.aborted === true) {
          return { ok: false, failure: 'unreachable', code: 'refused', message: 'refused' };
        }
        return server.obey(request.epoch, request.command);
      },
    };
  }

  /** As of a process that uses its writer all the time. */
  #view(document: RoutingDocument): RepositoryView {
    const { epoch = 0, writer = null } = document.partitions[SIMULATED] ?? {};
    const server = writer === null ? null : this.server(writer);
    const failure = server === null ? null : failureOf(server);
    if (server !== null && failure === null) this.#answeredAt = this.clock.monotonic();
    return {
      epoch,
      writerReachable: server === null ? null : failure === null,
      writerFailure: failure,
      writerSilentMs: server === null ? null : this.clock.monotonic() - this.#answeredAt,
      held: 0,
      leaseRemainingMs: null,
    };
  }

  #podApi(_cluster: ClusterName): PodApi {
    return {
      push: async (pod: Pod, signed: string): Promise<PushOutcome> => {
        await this.clock.sleep(2);
        if (!this.podUp) return { kind: 'unreachable', failure: 'timeout', message: '' };
        const document = payloadOf<RoutingDocument>(signed);
        const current = this.pod?.version ?? 0;
        if (document.version < current) return { kind: 'stale', current, epochs: {} };
        const { writer = null, readers = [] } = document.partitions[SIMULATED] ?? {};
        const named = writer === null ? readers : [writer, ...readers];
        this.unfit.push(...named.filter((member) => !this.#showsSchema(member)));
        this.pod = document;
        return { kind: 'applied', ack: { pod: pod.name, applied: document.version, epochs: {} } };
      },
      heartbeat: async (pod, signed) => {
        if (!this.podUp) return { ok: false, message: 'down' };
        this.toldFull = payloadOf<Heartbeat>(signed).full?.includes(SIMULATED) === true;
        const applied = this.pod?.version ?? 0;
        const repositories = this.pod === null ? {} : { [SIMULATED]: this.#view(this.pod) };
        return { ok: true, answer: { pod: pod.name, nonce: 'n', applied, sessions: 0, repositories } };
      },
      peers: async () => true,
    };
  }
}

/** What was signed (compact JWS). */
const payloadOf = <T>(signed: string): T =>
  JSON.parse(Buffer.from(signed.split('.')[1] ?? '', 'base64url').toString('utf8'));

/** Why it takes no write of imapd; null where it does. */
function failureOf(server: SimulatedServer): RepositoryView['writerFailure'] {
  if (server.frozen) return 'timeout';
  if (!server.serves) return 'refused';
  return server.role !== 'primary' || server.fence !== null || server.grantedEpoch === null ? 'sql' : null;
}

const placement = { users: {}, namespaces: {}, slots: [{ from: 0, to: 1023, partition: SIMULATED }] };

function specOf(names: readonly string[], options: SimulationOptions): PartitionSpec {
  return {
    name: SIMULATED,
    engine: options.engine ?? 'postgresql',
    database: 'imap',
    schema: '1',
    members: names.map((name, index) => ({
      name: memberName(name),
      endpoint: { host: name, port: 5432 + index },
      agentUrl: `http://${name}`,
    })),
    retainedLogBytes: 1_024 ** 3,
    durability: options.durability ?? { mode: 'Quorum', whenDegraded: 'Hold' },
    failover: {
      mode: 'Automatic',
      probeIntervalMs: 250,
      failureThreshold: 3,
      maxLostSeconds: 5,
      delayMs: 0,
      uidGap: 1_000_000,
      ...options.failover,
    },
    paused: false,
  };
}

export async function startSimulation(options?: SimulationOptions): Promise<SimulatedCluster> {
  const cluster = new SimulatedCluster(options);
  await cluster.start();
  if (!(await cluster.healthy())) throw new Error(JSON.stringify(cluster.operator.status(), null, 1));
  return cluster;
}
