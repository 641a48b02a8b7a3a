import { type PartitionName, partitionName } from '#contract/names.ts';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import { imapClusterKind } from '#crds/kind.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { clusterNames } from '../../../cluster/cluster-names.ts';
import type { Pod } from '../../../ports.ts';
import { imapClusters } from '../../api/resource.ts';
import type { ServedKinds } from '../../kinds/served-kinds.ts';
import { GivingWay } from '../../queue/giving-way.ts';
import type { WorkOutcome } from '../../queue/work-queue.ts';
import { applyStatus } from '../../status/apply-status.ts';
import { type ClusterProblem, clusterStatus } from '../../status/cluster-status.ts';
import { keyOf } from '../../watch/key-of.ts';
import { clusterOf } from '../caches/cluster-of.ts';
import { clusterGroup } from '../caches/group-of.ts';
import { ConditionAnnouncer } from '../condition-announcer.ts';
import { isBeingDeleted } from '../is-being-deleted.ts';
import type { Leading } from '../leading.ts';
import type { MembersDesk } from '../partition/members-desk.ts';
import { unsupportedCluster } from '../partition/unsupported-on-kubernetes.ts';
import { reconcileProblem } from '../reconcile-problem.ts';
import type { ClusterRuntime, Hints } from '../runtime/cluster-runtime.ts';
import { imapdPods, readyPods } from '../runtime/imapd-pods.ts';
import { LONGEST_RESPITE_MS, respiteOf } from '../runtime/respite-of.ts';
import type { Runtimes } from '../runtime/runtimes.ts';
import { certificateProblem } from './certificate-problem.ts';
import { ClusterObjectsDesk } from './cluster-objects-desk.ts';
import { KeysDesk } from './keys-desk.ts';
import { type ClusterPlan, planCluster } from './plan-cluster.ts';

export type ClusterControllerOptions = {
  readonly leading: Leading;
  readonly runtimes: Runtimes;
  readonly desk: MembersDesk;
  readonly hints: Hints;
  readonly kinds: ServedKinds;
};

/** Sessions are counted, and a Secret of somebody else's is looked at, so often; nothing else needs it. */
const LOOK_AGAIN_MS = 30_000;

/**
 * One ImapCluster after another, each to what its spec asks for: keys, then the core (a failover must not wait for a
 * Service), then objects, then status. What fails is told in the status, and tried again.
 */
export class ClusterController {
  readonly #options: ClusterControllerOptions;
  readonly #keys: KeysDesk;
  readonly #objects: ClusterObjectsDesk;
  readonly #announcer = new ConditionAnnouncer();
  /** What stands in the way of each partition, by the key of its cluster. */
  readonly #conflicts = new Map<string, ReadonlyMap<PartitionName, string>>();
  readonly #givingWay: GivingWay;

  constructor(options: ClusterControllerOptions) {
    this.#options = options;
    this.#givingWay = new GivingWay(options.leading.clock, LONGEST_RESPITE_MS);
    this.#keys = new KeysDesk(options.leading);
    this.#objects = new ClusterObjectsDesk(options.leading);
  }

  /** Why a partition must give way to another one; null where it need not; undefined before its cluster was looked at. */
  conflictOf(partition: MailboxPartition): string | null | undefined {
    const conflicts = this.#conflicts.get(clusterOf(partition));
    return conflicts === undefined ? undefined : (conflicts.get(partitionName(partition.metadata.name)) ?? null);
  }

  async reconcile(key: string, signal: AbortSignal): Promise<WorkOutcome> {
    const { leading, runtimes, hints } = this.#options;
    const cluster = leading.caches.clusters.get(key);
    const partitions = leading.caches.partitions.of(key);
    if (cluster === undefined || isBeingDeleted(cluster)) {
      this.#conflicts.delete(key);
      this.#givingWay.forget(key);
      this.#announcer.forget(key);
      if (runtimes.get(key) === null) return { kind: 'done' };
      await runtimes.drop(key);
      for (const { metadata } of partitions) hints.partition(keyOf(metadata));
      return { kind: 'done' };
    }
    const runtime = await runtimes.of(cluster, partitions);
    return await this.#reconcile({ cluster, partitions, runtime, signal });
  }

  async #reconcile(work: Work): Promise<WorkOutcome> {
    const problems = new Map<ClusterProblem, string>();
    const failures: unknown[] = [];
    const attempt = async (step: () => Promise<void>): Promise<void> => {
      try {
        await step();
      } catch (error) {
        failures.push(error);
        const problem = reconcileProblem(error);
        if (problem !== null) problems.set(problem.type, problem.message);
      }
    };
    let keysInMs: number | null = null;
    await attempt(async () => {
      const { changed, againInMs } = await this.#keys.settle(work);
      keysInMs = againInMs;
      // Agents are given the public keys by the partitions' own turns.
      if (changed) for (const { metadata } of work.partitions) this.#options.hints.partition(keyOf(metadata));
      await this.#core(work, problems);
    });
    const respiteMs = failures.length === 0 ? this.#respite(work) : 0;
    if (respiteMs > 0) return { kind: 'again', afterMs: respiteMs };
    if (failures.length === 0 && !work.cluster.spec.paused) {
      await attempt(() => this.#objects.bringAbout(work.cluster, work.runtime, work.signal));
    }
    await attempt(() => this.#look(work.cluster, problems));
    await attempt(() => this.#status(work, problems));
    if (failures.length > 0) throw failures[0];
    return { kind: 'again', afterMs: Math.min(keysInMs ?? LOOK_AGAIN_MS, LOOK_AGAIN_MS) };
  }

  /** How long objects and status give way to changes of primaries, ms; the core, which makes them, has had its turn. */
  #respite({ cluster, partitions, runtime }: Work): number {
    const { leading } = this.#options;
    const wanted = Math.max(0, ...partitions.map((partition) => respiteOf(partition, { ...leading, runtime })));
    return this.#givingWay.left(keyOf(cluster.metadata), wanted);
  }

  async #core(work: Work, problems: Map<ClusterProblem, string>): Promise<void> {
    const plan = await planCluster({ ...work, desk: this.#options.desk });
    this.#noteConflicts(work, plan);
    work.runtime.core.apply(plan.spec);
    work.runtime.forgetOthersThan(work.partitions);
    for (const [type, message] of plan.problems) problems.set(type, message);
    const { problem } = work.runtime.core;
    if (problem !== null) problems.set('CoreFailed', problem);
  }

  /** A partition whose conflict has come, gone or changed tells so. */
  #noteConflicts({ cluster, partitions, runtime }: Work, { conflicts }: ClusterPlan): void {
    const key = keyOf(cluster.metadata);
    const first = runtime.core.operator === null;
    const before = this.#conflicts.get(key) ?? new Map<PartitionName, string>();
    this.#conflicts.set(key, conflicts);
    for (const { metadata } of partitions) {
      const name = partitionName(metadata.name);
      if (first || before.get(name) !== conflicts.get(name)) this.#options.hints.partition(keyOf(metadata));
    }
  }

  async #look(cluster: ImapCluster, problems: Map<ClusterProblem, string>): Promise<void> {
    const refusal = unsupportedCluster(cluster);
    if (refusal !== null) problems.set('Unsupported', refusal.message);
    const outdated = await this.#options.kinds.problem();
    if (outdated !== null) problems.set('KindsOutdated', outdated);
    const certificate = await certificateProblem(this.#options.leading.client, cluster);
    if (certificate !== null) problems.set('CertificateMissing', certificate);
  }

  async #status({ cluster, runtime, signal }: Work, problems: ReadonlyMap<ClusterProblem, string>): Promise<void> {
    const { client, clock, caches } = this.#options.leading;
    const { namespace } = cluster.metadata;
    const pods = caches.pods.of(clusterGroup(cluster));
    const { version } = runtime.routing;
    const status = clusterStatus({
      cluster,
      deployment: caches.deployments.get(keyOf({ namespace, name: clusterNames(cluster).imapd })) ?? null,
      sessions: runtime.sessions.total(namesOf(imapdPods(pods)), namesOf(readyPods(pods))),
      // A core that has not begun yet knows less than what was told before.
      routingVersion: version === undefined ? (cluster.status?.routingVersion ?? null) : version,
      problems,
      now: clock.now(),
    });
    const live = caches.clusters.get(keyOf(cluster.metadata)) ?? cluster;
    this.#announcer.announce({ live, conditions: status.conditions ?? [], events: runtime.events, partition: null });
    const declared = await this.#options.kinds.declared(imapClusterKind, status);
    const written = await applyStatus(client, { resource: imapClusters, live, status: declared, signal });
    if (written !== null) caches.clusters.written(written);
  }
}

const namesOf = (pods: readonly Pod[]): readonly string[] => pods.map(({ name }) => name);

type Work = {
  readonly cluster: ImapCluster;
  readonly partitions: readonly MailboxPartition[];
  readonly runtime: ClusterRuntime;
  readonly signal: AbortSignal;
};
