import type { PartitionRecord } from '../../../partition/record.ts';
import type { ApiObject } from '../../api/resource.ts';
import { isBeingDeleted } from '../is-being-deleted.ts';

/**
 * Whether the primary's pod was deleted, in order or by force, and somebody is there to take over: it serves on until that is
 * done. `pod`: the primary's, as the API server has it; null: there is none.
 */
export function isHandingOver(
  { operation, primary, target }: Pick<PartitionRecord, 'operation' | 'primary' | 'target'>,
  pod: Pick<ApiObject, 'metadata'> | null,
): boolean {
  if (operation !== null || primary === null || (target?.readers ?? []).length === 0) return false;
  return pod === null || isBeingDeleted(pod);
}
