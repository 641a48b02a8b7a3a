import type { PartitionName } from '#contract/names.ts';
import type { PodObservation } from '../failover/observation/observation.ts';
import type { ClusterSpec } from '../partition/partition-spec.ts';
import type { PublishedTarget } from '../partition/record.ts';
import type { Pod, Ports } from '../ports.ts';
import type { Tuning } from '../tuning.ts';
import { Heartbeats } from './heartbeats.ts';
import { type Convergence, LaggingWatch } from './lagging-watch.ts';
import { LeaseLedger } from './lease-ledger.ts';
import { nextPeers, noPeers, type PeerList, sendPeers } from './peers.ts';
import { newPodState, type PodState } from './pod-state.ts';
import { Publisher } from './publisher.ts';
import { untilLook } from './until-look.ts';

export type TargetsOptions = {
  readonly ports: Ports;
  readonly tuning: Tuning;
  readonly spec: ClusterSpec;
  readonly signal: AbortSignal;
};

/** The imapd processes of one cluster: who they are, what they obey, what they see, which leases they hold. */
export class Targets {
  readonly #options: TargetsOptions;
  readonly #pods = new Map<string, PodState>();
  readonly #full = new Set<PartitionName>();
  readonly #publisher: Publisher;
  readonly #heartbeats: Heartbeats;
  readonly #leases: LeaseLedger;
  readonly #laggingWatch: LaggingWatch;
  #running: Promise<void> = Promise.resolve();
  #spec: ClusterSpec;
  #peers: PeerList = noPeers;
  /** As of the last look. */
  #listed: readonly Pod[] = [];

  constructor(options: TargetsOptions) {
    this.#options = options;
    this.#spec = options.spec;
    const { ports, tuning, signal } = options;
    this.#leases = new LeaseLedger(tuning.leaseSeconds * 1_000, ports.clock.monotonic());
    this.#laggingWatch = new LaggingWatch(tuning.convergeMs);
    this.#heartbeats = new Heartbeats({
      ports,
      tuning,
      leases: this.#leases,
      leased: () => this.#leasedEpochs(),
      full: () => [...this.#full],
      cluster: options.spec.cluster,
    });
    this.#publisher = new Publisher(options.spec, {
      ports,
      tuning,
      signal,
      pods: this.#pods,
      // A new epoch wants a new lease: at once, not with the next beat.
      onApplied: (state) => this.#beatLeased(state),
    });
  }

  async load(): Promise<void> {
    await this.#publisher.load();
  }

  /** Only once the records have been heard (`note`) and applied: what was published last may hold no longer. */
  start(): void {
    this.#running = this.#run();
  }

  /** Ends when `signal` has fired and everything under way is over. */
  async stopped(): Promise<void> {
    await this.#running;
  }

  async apply(spec: ClusterSpec): Promise<void> {
    this.#spec = spec;
    for (const name of this.#full)
      if (!spec.partitions.some((partition) => partition.name === name)) this.#full.delete(name);
    this.#publisher.apply(spec);
    await this.#publisher.publish();
  }

  /** What a record says; made known by the next `publish` of any partition. */
  note(partition: PartitionName, target: PublishedTarget | null): void {
    this.#publisher.note(partition, target);
  }

  /** Whether its primary is down for want of disk space and nobody takes over: imapd lets nobody wait for it. */
  noteFull(partition: PartitionName, isFull: boolean): void {
    if (isFull) this.#full.add(partition);
    else this.#full.delete(partition);
  }

  noted(partition: PartitionName): PublishedTarget | null {
    return this.#publisher.target(partition) ?? null;
  }

  async publish(): Promise<number> {
    return await this.#publisher.publish();
  }

  async converged(version: number, ms: number): Promise<boolean> {
    return await this.#publisher.converged(version, ms);
  }

  /** Processes that do not obey the newest document. */
  lagging(): readonly string[] {
    return this.#publisher.lagging(this.#publisher.version);
  }

  convergence(): Convergence {
    return { lagging: this.lagging(), overdue: this.#laggingWatch.overdue };
  }

  views(partition: PartitionName): readonly PodObservation[] {
    const now = this.#options.ports.clock.monotonic();
    return [...this.#pods.values()].flatMap(({ pod, answer }) => {
      const view = answer?.value.repositories[partition];
      return answer === null || view === undefined ? [] : [{ ...view, pod: pod.name, ageMs: now - answer.at }];
    });
  }

  /** Milliseconds for which somebody may still write to `partition` although `version` takes its writer away. */
  outstandingLeaseMs(partition: PartitionName, version: number): number {
    const known = [...this.#pods.keys()];
    const lagging = new Set(this.#publisher.lagging(version));
    const fenced = new Set(known.filter((pod) => !lagging.has(pod)));
    return this.#leases.outstandingMs(partition, { now: this.#options.ports.clock.monotonic(), fenced, known });
  }

  async #run(): Promise<void> {
    const { ports, signal } = this.#options;
    while (!signal.aborted) {
      try {
        await this.#look();
      } catch (error) {
        ports.log.event('Unexpected', { error: String(error) }, 'imapd processes could not be listed');
      }
      await ports.clock.sleep(untilLook(ports.clock.now()), signal);
    }
  }

  /** Who is there; what has come gets the document, everybody a heartbeat when it is due. */
  async #look(): Promise<void> {
    const listed = await this.#options.ports.pods.list();
    if (this.#note(listed)) this.#peers = nextPeers(listed, this.#peers);
    for (const state of this.#pods.values()) {
      this.#publisher.push(state);
      this.#heartbeats.beatWhenDue(state, this.#publisher.version);
      sendPeers(state, this.#peers, this.#options);
    }
    this.#tellLagging();
  }

  /** Whether anybody has come, gone or moved. */
  #note(listed: readonly Pod[]): boolean {
    if (listed === this.#listed) return false;
    this.#listed = listed;
    const names = new Set(listed.map((pod) => pod.name));
    const gone = [...this.#pods.keys()].filter((name) => !names.has(name));
    for (const name of gone) this.#pods.delete(name);
    // Another address under the same name is another process, which obeys nothing yet.
    const come = listed.filter((pod) => this.#pods.get(pod.name)?.pod.adminUrl !== pod.adminUrl);
    for (const pod of come) this.#pods.set(pod.name, newPodState(pod));
    return gone.length > 0 || come.length > 0;
  }

  /** The document is the cluster's, so this is no partition's event. */
  #tellLagging(): void {
    const { events, clock } = this.#options.ports;
    const { version } = this.#publisher;
    const lagging = [...this.#pods.values()].filter(({ applied }) => applied < version);
    const code = this.#laggingWatch.note(lagging, clock.monotonic());
    if (code === null) return;
    events.emit({ code, partition: null, fields: { version, pods: this.#laggingWatch.overdue } });
  }

  #beatLeased(state: PodState): void {
    if (this.#leasedEpochs().size > 0) this.#heartbeats.beat(state, this.#publisher.version);
  }

  /** Epochs of the partitions that are written under leases and have a writer. */
  #leasedEpochs(): ReadonlyMap<PartitionName, number> {
    const leased = this.#spec.partitions.filter((partition) => partition.durability.mode === 'Async');
    return new Map(
      leased.flatMap(({ name }) => {
        const target = this.#publisher.target(name);
        return target === undefined || target.writer === null ? [] : [[name, target.epoch] as const];
      }),
    );
  }
}
