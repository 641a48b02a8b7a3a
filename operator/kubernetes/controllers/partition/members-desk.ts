import { isDeepStrictEqual } from 'node:util';
import { partitionName } from '#contract/names.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { existingMembers, isExisting } from '../../../partition/existing-members.ts';
import type { Evictable } from '../../../partition/objects/disruption-budgets.ts';
import type { MemberSpec } from '../../../partition/partition-spec.ts';
import type { MembersInput } from '../../members/members-input.ts';
import type { MembersPlan } from '../../members/plan/members-plan.ts';
import { planMembers } from '../../members/plan/plan-members.ts';
import { keyOf } from '../../watch/key-of.ts';
import { partitionGroup } from '../caches/group-of.ts';
import { isDatabasePod } from '../is-database-pod.ts';
import type { Leading } from '../leading.ts';
import type { ClusterRuntime } from '../runtime/cluster-runtime.ts';
import { memberBuild } from './member-build.ts';

/** `moved`: the core is to be told of other members, or of other addresses. */
export type Planned = { readonly input: MembersInput; readonly plan: MembersPlan; readonly moved: boolean };

/** Which members each partition has and where they are, as last planned. */
export class MembersDesk {
  readonly #leading: Leading;
  readonly #members = new Map<string, readonly MemberSpec[]>();

  constructor(leading: Leading) {
    this.#leading = leading;
  }

  /** As last planned, or as planned now. Its record must be known. */
  members(partition: MailboxPartition, runtime: ClusterRuntime): readonly MemberSpec[] {
    if (isExisting(partition)) return existingMembers(partition);
    return this.#members.get(keyOf(partition.metadata)) ?? this.plan(partition, runtime).plan.members;
  }

  /** @throws Error where its record has not been read: nobody may plan without it */
  plan(partition: MailboxPartition, runtime: ClusterRuntime): Planned {
    const key = keyOf(partition.metadata);
    const before = this.#members.get(key) ?? [];
    const input = this.#input(partition, runtime, before);
    const plan = planMembers(input);
    this.#members.set(key, plan.members);
    return { input, plan, moved: !isDeepStrictEqual(before, plan.members) };
  }

  /** Whom evictions may take now; nothing is planned by it. @throws as plan */
  evictable(partition: MailboxPartition, runtime: ClusterRuntime): Evictable {
    const before = this.#members.get(keyOf(partition.metadata)) ?? [];
    return planMembers(this.#input(partition, runtime, before)).evictable;
  }

  forget(key: string): void {
    this.#members.delete(key);
  }

  #input(partition: MailboxPartition, runtime: ClusterRuntime, before: readonly MemberSpec[]): MembersInput {
    const { caches, configuration, clock } = this.#leading;
    const name = partitionName(partition.metadata.name);
    const view = runtime.core.operator?.view(name) ?? null;
    const record = view?.record ?? runtime.records.known(name);
    if (record === undefined) throw new Error(`the record of ${name} has not been read`);
    const group = partitionGroup(partition);
    return {
      ...memberBuild(paused(partition, runtime.cluster.spec.paused), this.#leading, runtime),
      record,
      sightings: view?.members ?? [],
      pods: caches.pods.of(group).filter(isDatabasePod),
      volumes: caches.volumeClaims.of(group),
      nodes: caches.nodes.list(),
      before,
      refusals: runtime.executor.refusals(name),
      replaceLostAfterMs: configuration.members.replaceLostAfterSeconds * 1_000,
      rollsUpgrades: configuration.members.upgrade === 'Rolling',
      now: clock.now(),
    };
  }
}

/** While its cluster is paused a partition is too, and nothing that is built depends on it. */
const paused = (partition: MailboxPartition, clusterPaused: boolean): MailboxPartition =>
  clusterPaused ? { ...partition, spec: { ...partition.spec, paused: true } } : partition;
