import type { Condition } from '#crds/condition.ts';
import { type ConditionEntry, conditionTable } from '#crds/condition-table.ts';

/** Those that are not as they should be. One whose status is Unknown is neither. */
export function conditionsAmiss(conditions: readonly Condition[] = []): readonly Condition[] {
  return conditions.filter(isAmiss);
}

function isAmiss({ type, status, reason }: Condition): boolean {
  const entry = new Map<string, ConditionEntry>(Object.entries(conditionTable)).get(type);
  // An alarm is there only while it holds; what a newer operator may tell of is taken for one.
  if (entry === undefined) return status === 'True';
  if (entry.fine === 'either') return entry.reasons[reason]?.weight === 'trouble';
  return status === (entry.fine === 'True' ? 'False' : 'True');
}
