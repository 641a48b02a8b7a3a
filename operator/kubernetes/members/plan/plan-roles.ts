import { LABEL } from '../../../objects/labels.ts';
import type { MemberRole } from '../../../partition/objects/member-labels.ts';
import type { PartitionRecord } from '../../../partition/record.ts';
import { isLeaving } from '../pod-state.ts';
import type { MemberAction } from './members-plan.ts';
import type { MemberFacts, Survey } from './survey.ts';

/** What a label says that is taken away: gone for good it can only be by whoever else has set it. */
export const NO_ROLE = 'none';

type Labelling = Extract<MemberAction, { kind: 'label' }>;

/**
 * What Services and budgets select by, as the record has it. What is no longer true goes first: nobody shall be led to two
 * primaries, nor to one that is dead.
 */
export function planRoles({ members, retired, record }: Survey): readonly Labelling[] {
  const wanted = [
    ...members.map((member) => ({ member, role: roleOf(member, record) })),
    ...retired.map((member) => ({ member, role: null })),
  ];
  const labels = wanted.flatMap(({ member: { pod }, role }): Labelling[] => {
    if (pod === null || labelOf(pod.metadata.labels) === role) return [];
    // One that is on its way out gains nothing.
    return isLeaving(pod) && role !== null ? [] : [{ kind: 'label', pod, role }];
  });
  return labels.toSorted((a, b) => rankOf(a) - rankOf(b));
}

function rankOf({ pod, role }: Labelling): number {
  if (role === 'primary') return 2;
  return labelOf(pod.metadata.labels) === 'primary' ? 0 : 1;
}

/**
 * While a primary is replaced that is lost there is none, for the one that takes over is not it yet. In a planned change the old one stays it until the new one is: without
 * the label no budget would keep a drain from evicting it in the middle.
 */
function roleOf(member: MemberFacts, record: PartitionRecord | null): MemberRole {
  if (record === null || record.primary === null) return null;
  const { operation } = record;
  if (member.name === record.primary) {
    if (operation === null || operation.kind === 'Switchover') return 'primary';
    // Who takes over in the last steps of a failover is a replica, which no drain may have, until it is the primary.
    return operation.candidate === member.name ? wasReplica(member) : null;
  }
  if (member.rejoining) return null;
  switch (record.members.find(({ name }) => name === member.name)?.role) {
    case 'replica':
      return 'replica';
    case 'none':
      // Out of sight for a moment: what it was it still is.
      return wasReplica(member);
    default:
      return null;
  }
}

const wasReplica = ({ pod }: MemberFacts): MemberRole =>
  labelOf(pod?.metadata.labels) === 'replica' ? 'replica' : null;

function labelOf(labels: Readonly<Record<string, string>> | undefined): string | null {
  const label = labels?.[LABEL.role];
  return label === undefined || label === NO_ROLE ? null : label;
}
