import { partitionName } from '#contract/names.ts';
import { mailboxPartitionKind } from '#crds/kind.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { isExisting } from '../../../partition/existing-members.ts';
import { partitionNames } from '../../../partition/objects/partition-names.ts';
import type { Events } from '../../../ports.ts';
import { configMaps, mailboxPartitions } from '../../api/resource.ts';
import type { ServedKinds } from '../../kinds/served-kinds.ts';
import { ASK_AGAIN_MS } from '../../members/is-refused.ts';
import type { WorkOutcome } from '../../queue/work-queue.ts';
import { applyStatus } from '../../status/apply-status.ts';
import type { Judgement } from '../../status/dated-conditions.ts';
import { type PartitionProblem, partitionObjectStatus } from '../../status/partition-object-status.ts';
import { keyOf } from '../../watch/key-of.ts';
import { clusterOf } from '../caches/cluster-of.ts';
import { clusterGroup, partitionGroup } from '../caches/group-of.ts';
import { ConditionAnnouncer } from '../condition-announcer.ts';
import { isBeingDeleted } from '../is-being-deleted.ts';
import type { Leading } from '../leading.ts';
import { reconcileProblem } from '../reconcile-problem.ts';
import type { ClusterRuntime, Hints } from '../runtime/cluster-runtime.ts';
import { readyPods } from '../runtime/imapd-pods.ts';
import type { Runtimes } from '../runtime/runtimes.ts';
import { askOccupancy } from './ask-occupancy.ts';
import { decideDeletion, type Occupancy } from './decide-deletion.ts';
import { addFinalizer, hasFinalizer, removeFinalizer } from './finalizer.ts';
import type { MembersDesk } from './members-desk.ts';
import { PartitionObjectsDesk } from './partition-objects-desk.ts';
import { pastOf } from './past-of.ts';
import { unsupportedPartition } from './unsupported-on-kubernetes.ts';

export type PartitionControllerOptions = {
  readonly leading: Leading;
  readonly runtimes: Runtimes;
  readonly desk: MembersDesk;
  readonly hints: Hints;
  readonly kinds: ServedKinds;
  /** Why a partition must give way to another one; undefined before its cluster was looked at. */
  readonly conflictOf: (partition: MailboxPartition) => string | null | undefined;
  /** For partitions whose cluster does not exist. */
  readonly events: (namespace: string) => Events;
};

/** How often a deletion that is held is looked at: users may have been moved away. */
const HELD_MS = 15_000;

/** Gathered while one partition is reconciled. */
type Findings = {
  readonly problems: Map<PartitionProblem, string>;
  members: readonly Judgement[];
  againMs: number | null;
};

type Work = {
  readonly partition: MailboxPartition;
  /** null: its cluster is not there. */
  readonly runtime: ClusterRuntime | null;
  readonly signal: AbortSignal;
};

/** One MailboxPartition after another: objects, members, status. Failovers are the core's, and wait for nothing here. */
export class PartitionController {
  readonly #options: PartitionControllerOptions;
  readonly #objects: PartitionObjectsDesk;
  readonly #announcer = new ConditionAnnouncer();
  /** To which cluster each belonged: a partition that is gone cannot say. */
  readonly #clusters = new Map<string, string>();

  constructor(options: PartitionControllerOptions) {
    this.#options = options;
    this.#objects = new PartitionObjectsDesk(options.leading);
  }

  async reconcile(key: string, signal: AbortSignal): Promise<WorkOutcome> {
    const { leading, runtimes } = this.#options;
    const partition = leading.caches.partitions.get(key);
    if (partition === undefined) return this.#forget(key);
    this.#clusters.set(key, clusterOf(partition));
    const runtime = runtimes.get(clusterOf(partition));
    if (this.#isTooEarly(partition, runtime)) return { kind: 'done' };
    const findings: Findings = { problems: new Map(), members: [], againMs: null };
    const work: Work = { partition, runtime, signal };
    const released = isBeingDeleted(partition) ? await this.#release(work, findings) : null;
    if (released !== null) return released;
    const failure = await this.#attempt(work, findings);
    await this.#status(work, findings);
    if (failure !== null) throw failure.error;
    return findings.againMs === null ? { kind: 'done' } : { kind: 'again', afterMs: findings.againMs };
  }

  /** What cannot wait while the primary changes: from now on nobody may be evicted who could take its place. */
  async urgent(key: string, signal: AbortSignal): Promise<void> {
    const { leading, runtimes, desk } = this.#options;
    const partition = leading.caches.partitions.get(key);
    const runtime = partition === undefined ? null : runtimes.get(clusterOf(partition));
    if (partition === undefined || runtime === null || isExisting(partition)) return;
    if (this.#isTooEarly(partition, runtime) || unsupportedPartition(partition)?.whole === true) return;
    await this.#objects.budget(partition, desk.evictable(partition, runtime), { mend: true, signal });
  }

  /** Its cluster has the first turn, and comes back to its partitions: until then nothing can be told of them. */
  #isTooEarly(partition: MailboxPartition, runtime: ClusterRuntime | null): boolean {
    const { leading, conflictOf } = this.#options;
    const cluster = leading.caches.clusters.get(clusterOf(partition));
    if (cluster === undefined || isBeingDeleted(cluster)) return false;
    return runtime?.keysRead !== true || conflictOf(partition) === undefined;
  }

  /** The core lets go of it first: the cluster's turn. */
  #forget(key: string): WorkOutcome {
    const { desk, hints } = this.#options;
    const cluster = this.#clusters.get(key);
    this.#clusters.delete(key);
    desk.forget(key);
    this.#objects.forget(key);
    this.#announcer.forget(key);
    if (cluster !== undefined) hints.cluster(cluster);
    return { kind: 'done' };
  }

  /** null: it is held, and looked after as before. */
  async #release(work: Work, findings: Findings): Promise<WorkOutcome | null> {
    const { partition } = work;
    if (!hasFinalizer(partition)) return { kind: 'done' };
    const decision = decideDeletion(partition, await this.#occupancy(work));
    if (decision.kind === 'release') {
      const outcome = await removeFinalizer(this.#options.leading.client, partition);
      return outcome === 'conflict' ? { kind: 'again', afterMs: CONFLICT_MS } : { kind: 'done' };
    }
    findings.problems.set('DeletionHeld', decision.message);
    findings.againMs = HELD_MS;
    return null;
  }

  async #occupancy({ partition, runtime }: Work): Promise<Occupancy> {
    const name = partitionName(partition.metadata.name);
    const volumes = this.#options.leading.caches.volumeClaims.of(partitionGroup(partition));
    if (runtime === null) {
      // Nobody is left to ask; but what has neither record nor data was never served.
      if (await this.#hasRecord(partition)) return 'unknown';
      return pastOf({ record: null, volumes, sightings: [] }) === 'new' ? 'empty' : 'recordMissing';
    }
    await runtime.records.learn(name);
    const record = runtime.records.known(name) ?? null;
    const view = runtime.core.operator?.view(name) ?? null;
    const past = pastOf({ record, volumes, sightings: view?.members ?? [] });
    if (past !== 'served') return past === 'new' ? 'empty' : past;
    // An imapd tells of the partitions in its document alone.
    if (view?.target == null) return 'unknown';
    const pods = readyPods(this.#options.leading.caches.pods.of(clusterGroup(runtime.cluster)));
    return await askOccupancy({ partition: name, pods, adminToken: runtime.keys.adminToken });
  }

  async #hasRecord(partition: MailboxPartition): Promise<boolean> {
    const { namespace } = partition.metadata;
    const key = { namespace, name: partitionNames(partition).record };
    return (await this.#options.leading.client.get(configMaps, key)) !== null;
  }

  async #attempt(work: Work, findings: Findings): Promise<{ readonly error: unknown } | null> {
    try {
      await this.#bringAbout(work, findings);
      return null;
    } catch (error) {
      const problem = reconcileProblem(error);
      // The API server is away, or somebody was quicker: the status would not get there either, or say what soon is no more.
      if (problem === null) throw error;
      findings.problems.set(problem.type, problem.message);
      return { error };
    }
  }

  async #bringAbout(work: Work, findings: Findings): Promise<void> {
    const { partition, runtime, signal } = work;
    const { leading, conflictOf } = this.#options;
    const refusal = unsupportedPartition(partition);
    if (refusal !== null) findings.problems.set('Unsupported', refusal.message);
    if (runtime === null) return this.#missing(partition, findings);
    if (refusal?.whole === true) return;
    const conflict = conflictOf(partition);
    if (typeof conflict === 'string') findings.problems.set('PlacementConflict', conflict);
    if (runtime.core.problem !== null) findings.problems.set('CoreFailed', runtime.core.problem);
    await runtime.records.learn(partitionName(partition.metadata.name));
    if (!runtime.cluster.spec.paused) {
      if (!hasFinalizer(partition) && !isBeingDeleted(partition)) await this.#hold(partition);
      findings.againMs = earliest(findings.againMs, await this.#objects.bringAbout(partition, runtime, signal));
    }
    // Servers that somebody else runs are neither made, replaced nor labelled.
    if (!isExisting(partition)) await this.#members(work, runtime, findings);
    leading.log.debug({ partition: keyOf(partition.metadata) }, 'partition looked at');
  }

  #missing({ spec }: MailboxPartition, { problems }: Findings): void {
    const message = `there is no ImapCluster ${spec.clusterRef.name}: create it; until then the servers are left as they are`;
    problems.set('ClusterMissing', message);
  }

  async #hold(partition: MailboxPartition): Promise<void> {
    const { client, caches } = this.#options.leading;
    const held = await addFinalizer(client, partition);
    if (held !== null) caches.partitions.written(held);
  }

  async #members({ partition, signal }: Work, runtime: ClusterRuntime, findings: Findings): Promise<void> {
    const { desk, hints } = this.#options;
    const { plan, input, moved } = desk.plan(partition, runtime);
    if (moved) hints.cluster(runtime.key);
    findings.members = plan.conditions;
    findings.againMs = earliest(findings.againMs, plan.againMs);
    // Before a label says that somebody else is the primary; and that one may go, not before all of them say so.
    const mend = runtime.cluster.spec.paused;
    await this.#objects.budget(partition, plan.evictable, { mend, signal });
    // Before the core knows which members there are, nobody may be made a primary or a replica by a label.
    const { conflict, refused } = await runtime.executor.execute(plan, input, signal);
    if (refused !== undefined) findings.problems.set('ReconcileFailed', refused);
    if (conflict || refused !== undefined)
      findings.againMs = earliest(findings.againMs, conflict ? CONFLICT_MS : ASK_AGAIN_MS);
  }

  async #status({ partition, runtime, signal }: Work, { problems, members }: Findings): Promise<void> {
    const { client, clock, caches } = this.#options.leading;
    const name = partitionName(partition.metadata.name);
    const live = caches.partitions.get(keyOf(partition.metadata));
    if (live === undefined) return;
    const record = runtime?.records.known(name);
    const refused = unsupportedPartition(partition)?.whole === true;
    const status = partitionObjectStatus({ partition: live, record, problems, refused, members, now: clock.now() });
    const events = runtime?.events ?? this.#options.events(partition.metadata.namespace ?? '');
    this.#announcer.announce({ live, conditions: status.conditions ?? [], events, partition: name });
    const declared = await this.#options.kinds.declared(mailboxPartitionKind, status);
    const written = await applyStatus(client, { resource: mailboxPartitions, live, status: declared, signal });
    if (written !== null) caches.partitions.written(written);
  }
}

/** What was planned on has changed; the watch will say so, or has a moment ago. */
const CONFLICT_MS = 1_000;

const earliest = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.min(a, b);
