import type { PartitionName } from '#contract/names.ts';
import type { ClusterControl } from '../../control/cluster-control.ts';
import type { Events } from '../../ports.ts';
import { ServedKinds } from '../kinds/served-kinds.ts';
import { EventRecorder } from '../ports/event-recorder.ts';
import { WorkQueue, type WorkQueueOptions } from '../queue/work-queue.ts';
import { keyOf } from '../watch/key-of.ts';
import { clusterOf } from './caches/cluster-of.ts';
import { watchCaches } from './caches/watch-caches.ts';
import { ClusterController } from './cluster/cluster-controller.ts';
import type { Leading } from './leading.ts';
import { MembersDesk } from './partition/members-desk.ts';
import { PartitionController } from './partition/partition-controller.ts';
import { clusterControl } from './process/cluster-control.ts';
import type { ControllerMetrics, ControllerName } from './process/controller-metrics.ts';
import { reconcileProblem } from './reconcile-problem.ts';
import type { Hints } from './runtime/cluster-runtime.ts';
import { LONGEST_RESPITE_MS, respiteOf } from './runtime/respite-of.ts';
import { Runtimes } from './runtime/runtimes.ts';
import { untilAborted } from './until-aborted.ts';

/** A status that is written for each of many steps within a moment is read by nobody. */
const SETTLE_MS = 100;
/** A change of primary makes two documents, and the status gives way to it and to those who were held: one turn for both, after that. */
const CLUSTER_STATUS_MS = 1_000;
/** Each cluster reads twenty records at a time, over a connection each: of many at once those would cost more than they save. */
const PARALLEL: Readonly<Record<ControllerName, number>> = { cluster: 4, partition: 8 };
/** A list of thousands takes a moment; what takes longer is told, and so again. */
const PATIENCE_MS = 15_000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 60_000;

/** Everything that acts for as long as this operator leads. */
export class Controllers {
  readonly #leading: Leading;
  readonly #metrics: ControllerMetrics;
  readonly #runtimes: Runtimes;
  readonly #queues: Readonly<Record<ControllerName, WorkQueue>>;
  readonly #orphans = new Map<string, EventRecorder>();
  readonly #failing = new Map<string, string>();

  constructor(leading: Leading, metrics: ControllerMetrics) {
    this.#leading = leading;
    this.#metrics = metrics;
    const hints: Hints = {
      cluster: (key) => this.#queues.cluster.add(key),
      clusterStatus: (key) => this.#queues.cluster.addAfter(key, CLUSTER_STATUS_MS),
      partition: (key) => this.#queues.partition.addAfter(key, SETTLE_MS),
    };
    this.#runtimes = new Runtimes(leading, hints);
    const kinds = new ServedKinds(leading);
    const shared = { leading, runtimes: this.#runtimes, desk: new MembersDesk(leading), hints, kinds };
    const clusters = new ClusterController(shared);
    const partitions = new PartitionController({
      ...shared,
      conflictOf: (partition) => clusters.conflictOf(partition),
      events: (namespace) => this.#events(namespace),
    });
    this.#queues = {
      cluster: this.#queue('cluster', { work: (key, signal) => clusters.reconcile(key, signal) }),
      partition: this.#queue('partition', {
        work: (key, signal) => partitions.reconcile(key, signal),
        // Not the cluster's: its turns bring new addresses to the core. What else they do gives way by itself.
        respite: (key) => this.#respite(key),
        urgent: (key, signal) => partitions.urgent(key, signal),
      }),
    };
    metrics.depths = () => new Map([...NAMES].map((name) => [name, this.#queues[name].depth]));
  }

  /** Until the right to write ends; returns when everything that was begun has ended. */
  async run(): Promise<void> {
    const { caches, right } = this.#leading;
    const { signal } = right;
    const ended = untilAborted(signal);
    // Before anything is decided: what is not known yet would seem to be missing.
    await Promise.race([this.#synced(), ended]);
    const unwatch = watchCaches(caches, ({ clusters, partitions }) => {
      for (const key of clusters) this.#queues.cluster.add(key);
      for (const key of partitions) this.#queues.partition.add(key);
    });
    try {
      for (const { metadata } of caches.clusters.list()) this.#queues.cluster.add(keyOf(metadata));
      for (const { metadata } of caches.partitions.list()) this.#queues.partition.add(keyOf(metadata));
      await ended;
    } finally {
      unwatch();
      await Promise.all([...NAMES.map((name) => this.#queues[name].stop(signal)), this.#runtimes.stop()]);
    }
  }

  /** A right that is missing would otherwise look like a leader that does nothing. */
  async #synced(): Promise<void> {
    const { caches, clock, log, right } = this.#leading;
    const over = new AbortController();
    const synced = caches.synced.then(() => over.abort());
    const waiting = AbortSignal.any([over.signal, right.signal]);
    while ((await clock.sleep(PATIENCE_MS, waiting)) === 'elapsed') {
      const kinds = caches.missing.join(', ');
      log.event('NotServing', { kinds }, `waits for the lists of: ${kinds}. May this operator list and watch them?`);
    }
    if (!right.signal.aborted) await synced;
  }

  /** null: there is no such cluster, or nothing is known of it yet. */
  control(namespace: string, name: string): ClusterControl | null {
    const runtime = this.#runtimes.get(`${namespace}/${name}`);
    return runtime?.keysRead === true ? clusterControl(runtime, this.#leading.caches) : null;
  }

  /** Of the cores, in the exposition format of Prometheus. */
  async expositions(): Promise<readonly string[]> {
    return await Promise.all(this.#runtimes.all().map((runtime) => runtime.metrics()));
  }

  #queue(name: ControllerName, { work, ...ways }: Pick<WorkQueueOptions, 'work' | 'respite' | 'urgent'>): WorkQueue {
    const { clock, random } = this.#leading;
    return new WorkQueue({
      ...ways,
      work: async (key, signal) => {
        const began = clock.monotonic();
        try {
          const outcome = await work(key, signal);
          this.#metrics.reconciled(name, 'done', clock.monotonic() - began);
          this.#failing.delete(`${name} ${key}`);
          return outcome;
        } catch (error) {
          this.#metrics.reconciled(name, 'failed', clock.monotonic() - began);
          throw error;
        }
      },
      failed: (key, error) => this.#failed(name, key, error),
      longestRespiteMs: LONGEST_RESPITE_MS,
      parallelism: PARALLEL[name],
      firstPauseMs: FIRST_PAUSE_MS,
      longestPauseMs: LONGEST_PAUSE_MS,
      clock,
      random,
    });
  }

  /** Neither status nor labels are waited for while a primary changes; those who are held then are. */
  #respite(key: string): number {
    const partition = this.#leading.caches.partitions.get(key);
    if (partition === undefined) return 0;
    return respiteOf(partition, { ...this.#leading, runtime: this.#runtimes.get(clusterOf(partition)) });
  }

  /** Once for each new reason: it is tried again and again. */
  #failed(controller: ControllerName, key: string, error: unknown): void {
    const { log, right } = this.#leading;
    if (right.signal.aborted) return;
    const message = error instanceof Error ? error.message : String(error);
    // What people can do something about is told by a condition and an Event.
    const isNews = reconcileProblem(error) === null && this.#failing.get(`${controller} ${key}`) !== message;
    this.#failing.set(`${controller} ${key}`, message);
    const fields = { controller, object: key, error: error instanceof Error ? (error.stack ?? message) : message };
    if (isNews) log.event('ReconcileFailed', fields);
    else log.debug(fields, 'failed again');
  }

  /** For partitions that have no cluster whose recorder could tell. */
  #events(namespace: string): Events {
    return this.#orphans.getOrInsertComputed(namespace, () => {
      const { caches, configuration, right } = this.#leading;
      return new EventRecorder({
        ...this.#leading,
        identity: configuration.identity,
        regarding: (partition: PartitionName | null) =>
          caches.partitions.get(`${namespace}/${partition ?? ''}`) ?? null,
        signal: right.signal,
      });
    });
  }
}

const NAMES: readonly ControllerName[] = ['cluster', 'partition'];
