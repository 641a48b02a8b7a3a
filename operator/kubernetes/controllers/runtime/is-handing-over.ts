import type { MemberName } from '#contract/names.ts';
import type { PartitionRecord } from '../../../partition/record.ts';
import type { ApiObject } from '../../api/resource.ts';
import { isBeingDeleted } from '../is-being-deleted.ts';

/** A member's pod as the API server has it; null: there is none. */
export type PodOf = (member: MemberName) => Pick<ApiObject, 'metadata'> | null;

/**
 * Whether the primary's pod was deleted, in order or by force, and somebody is there to take over: it serves on until that is
 * done. Where a change of primary is blocked, a new pod is what helps.
 */
export function isHandingOver(
  { operation, phase, primary, target }: Pick<PartitionRecord, 'operation' | 'phase' | 'primary' | 'target'>,
  podOf: PodOf,
): boolean {
  if (operation !== null || primary === null || phase === 'Blocked') return false;
  const stays = (member: MemberName): boolean => {
    const pod = podOf(member);
    return pod !== null && !isBeingDeleted(pod);
  };
  return !stays(primary) && (target?.readers ?? []).some(stays);
}
