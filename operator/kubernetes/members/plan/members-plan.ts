import type { MemberName } from '#contract/names.ts';
import type { Evictable } from '../../../partition/objects/disruption-budgets.ts';
import type { MemberRole } from '../../../partition/objects/member-labels.ts';
import type { MemberSpec } from '../../../partition/partition-spec.ts';
import type { Condition } from '../../../partition/record.ts';
import type { MemberPod, MemberVolume } from '../members-input.ts';
import type { DatabaseMark } from '../volume-marks.ts';

/** One thing to do. Each may be done again without harm; all of a plan may be done in one go, in its order. */
export type MemberAction =
  /** Label alone; `role` null takes it away. They stand first, and those that take something away before the rest. */
  | { readonly kind: 'label'; readonly pod: MemberPod; readonly role: MemberRole }
  /** `joined`: it is one of the first, and counts from the start. */
  | { readonly kind: 'createVolume'; readonly member: MemberName; readonly joined: boolean }
  | { readonly kind: 'createPod'; readonly member: MemberName }
  /** Size and owner, as the spec wants them. */
  | { readonly kind: 'updateVolume'; readonly member: MemberName; readonly volume: MemberVolume; readonly size: string }
  /** It has everything now, and counts among those that commits wait for. */
  | { readonly kind: 'markJoined'; readonly volume: MemberVolume }
  /** What its data is of, which the spec may say otherwise one day. */
  | { readonly kind: 'noteDatabase'; readonly volume: MemberVolume; readonly database: DatabaseMark }
  /** From here on it is no member any more, and never again. */
  | { readonly kind: 'retire'; readonly volume: MemberVolume; readonly because: RetiredBecause }
  /** In good order, with the time that it needs. Never by force. */
  | { readonly kind: 'deletePod'; readonly pod: MemberPod; readonly because: DeletedBecause }
  | { readonly kind: 'deleteVolume'; readonly volume: MemberVolume }
  /** To be asked of the core, which may refuse: it is not waited for. */
  | { readonly kind: 'switchover'; readonly to: MemberName; readonly because: string };

/** `Ended`: its containers will never run again. `Outdated`: of an older make. `Retired`: its volume is no member's. */
export type DeletedBecause = 'Ended' | 'Outdated' | 'Retired';

/** `Unsalvaged`: lost, with mail on it that nobody else may have; such a volume is never deleted by us. */
export type RetiredBecause = 'ScaledDown' | 'Lost' | 'Unsalvaged';

/** As in `status.conditions`; who writes them knows since when. */
export type MemberCondition = Omit<Condition, 'lastTransitionTime'>;

export type MembersPlan = {
  /** For the core's PartitionSpec: in the order of their numbers, never without the record's primary. */
  readonly members: readonly MemberSpec[];
  readonly actions: readonly MemberAction[];
  readonly conditions: readonly MemberCondition[];
  /** Of whom an eviction may be allowed. */
  readonly evictable: Evictable;
  /** Look again after so long though nothing is heard; null: not before something is. Milliseconds. */
  readonly againMs: number | null;
};
