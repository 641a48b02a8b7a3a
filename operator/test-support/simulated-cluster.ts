import { Registry } from 'prom-client';
import { type ClusterName, clusterName, type MemberName, memberName, partitionName } from '#contract/names.ts';
import type { RoutingDocument } from '#contract/routing-document.ts';
import { generateSigningKey, type SigningKey } from '#contract/signature.ts';
import { createLogger } from '#runtime/logger.ts';
import { type Operator, startOperator } from '../core.ts';
import type { CrashPoint } from '../failover/crash-point.ts';
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
  readonly spec: ClusterSpec;
  pod: RoutingDocument | null = null;
  podUp = true;
  readonly #options: SimulationOptions;
  #operator: Operator | null = null;
  #next = 0;

  constructor(options: SimulationOptions = {}) {
    this.#options = options;
    const names = Array.from({ length: options.members ?? 3 }, (_, index) => `a${index}`);
    this.servers = names.map((name) => new SimulatedServer(name, names, (other) => this.server(other)));
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
      routing: {
        load: () => this.stores.routing.load(),
        save: async (routing) => {
          this.clock.underWay -= 1;
          await this.stores.routing.save(routing);
        },
      },
      pods: { list: async () => [{ name: 'imapd-0', adminUrl: 'http://imapd-0' }] },
      podApi: this.#podApi(this.spec.cluster),
      jobs: {
        run: async (job) => {
          this.jobs.push(job);
          return { ok: true, result: { messages: 0, flags: 0, skipped: 0 } };
        },
      },
      events: { emit: (event) => this.events.push(event) },
      clock: this.clock,
      keys: {
        // Asked for right before something is signed, which then is saved or sent.
        signing: async () => {
          this.clock.underWay += 1;
          return key.privateJwk;
        },
      },
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
    await this.clock.until(() => ended, 60_000);
    await stopped;
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
    if (!server.serves || server.role !== 'primary' || server.fence !== null || server.grantedEpoch === null)
      return false;
    this.#next += 1;
    const id = `write ${this.#next}`;
    const acknowledged = server.append(id);
    if (acknowledged) this.acknowledged.push(id);
    return acknowledged;
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
          this.#sightings.set(
            name,
            server.agentUp
              ? { connected: true, failure: null, report: server.report(SIMULATED), reportedAt: this.clock.monotonic() }
              : {
                  connected: false,
                  failure: 'refused',
                  report: before?.report ?? null,
                  reportedAt: before?.reportedAt ?? null,
                },
          );
        }
        return this.#sightings;
      },
      onChange: (listener) => {
        this.#listener = listener;
        return () => undefined;
      },
      send: async (request: MemberRequest) => {
        const server = this.server(request.member);
        // The way there and back takes a moment in which others act.
        await this.clock.sleep(5, request.signal);
        if (!server.agentUp || request.signal?.aborted === true) {
          return { ok: false, failure: 'unreachable', code: 'refused', message: 'refused' };
        }
        return server.obey(request.epoch, request.command);
      },
    };
  }

  #podApi(_cluster: ClusterName): PodApi {
    return {
      push: async (pod: Pod, signed: string): Promise<PushOutcome> => {
        await this.clock.sleep(2);
        if (!this.podUp) return { kind: 'unreachable', failure: 'timeout', message: '' };
        const document: RoutingDocument = JSON.parse(
          Buffer.from(signed.split('.')[1] ?? '', 'base64url').toString('utf8'),
        );
        const current = this.pod?.version ?? 0;
        if (document.version < current) return { kind: 'stale', current, epochs: {} };
        this.pod = document;
        return { kind: 'applied', ack: { pod: pod.name, applied: document.version, epochs: {} } };
      },
      heartbeat: async (pod) => {
        this.clock.underWay -= 1;
        if (!this.podUp) return { ok: false, message: 'down' };
        const applied = this.pod?.version ?? 0;
        return { ok: true, answer: { pod: pod.name, nonce: 'n', applied, sessions: 0, repositories: {} } };
      },
      peers: async () => true,
    };
  }
}

const placement = { users: {}, namespaces: {}, slots: [{ from: 0, to: 1023, partition: SIMULATED }] };

function specOf(names: readonly string[], options: SimulationOptions): PartitionSpec {
  return {
    name: SIMULATED,
    engine: 'postgresql',
    database: 'imap',
    members: names.map((name, index) => ({
      name: memberName(name),
      endpoint: { host: name, port: 5432 + index },
      agentUrl: `http://${name}`,
    })),
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
