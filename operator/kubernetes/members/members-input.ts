import type { V1Node, V1PersistentVolumeClaim, V1Pod } from '@kubernetes/client-node';
import type { MemberName } from '#contract/names.ts';
import type { MemberInput } from '../../partition/objects/member-input.ts';
import type { MemberSpec } from '../../partition/partition-spec.ts';
import type { MemberNow } from '../../partition/partition-view.ts';
import type { PartitionRecord } from '../../partition/record.ts';
import type { Stored } from '../api/resource.ts';

export type MemberPod = Stored<V1Pod>;
export type MemberVolume = Stored<V1PersistentVolumeClaim>;
export type Node = Stored<V1Node>;

/** Everything that is looked at to decide what happens to the members of one managed partition: one moment. */
export type MembersInput = {
  /** What pods and volumes are made of. */
  readonly build: MemberInput;
  /** What of the spec's database is not in `build`, and what to do about it; left out or null: nothing. */
  readonly declined?: string | null;
  /** As the core has it, or as stored where the core has not begun; null only where none is stored: a new partition. */
  readonly record: PartitionRecord | null;
  /** Of the core's view; empty before it has begun. */
  readonly sightings: readonly MemberNow[];
  /** All that `membersSelector(partition)` selects, those on their way out too. */
  readonly pods: readonly MemberPod[];
  /** All with the partition's labels, whatever becomes of them. */
  readonly volumes: readonly MemberVolume[];
  /** All nodes of the cluster. */
  readonly nodes: readonly Node[];
  /** What `members` of the last plan was; empty at first. A pod without an address keeps the one it had. */
  readonly before: readonly MemberSpec[];
  /** What the API server would not have: from the executor. */
  readonly refusals: ReadonlyMap<MemberName, Refusal>;
  /** A member on a node that is not there is replaced after so long. */
  readonly replaceLostAfterMs: number;
  /** Whether members are replaced one by one where only the operator's own part of their make has changed. */
  readonly rollsUpgrades: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
};

/** The API server would not do it as it was asked for; not asked again for a while unless something else is asked for. */
export type Refusal = {
  readonly of: 'createVolume' | 'updateVolume' | 'createPod';
  /** What was asked for: the size, the hash of the pod. */
  readonly asked: string;
  readonly message: string;
  /** Milliseconds since 1970. */
  readonly at: number;
};
