import { type ConditionType, conditionTable } from '#crds/condition-table.ts';
import { isAlarm, mayBeTrouble, weightOfCondition } from '#crds/weight-of-condition.ts';

/** The core tells of the trouble of these itself, under codes of their own. */
const TOLD_BY_CORE: readonly string[] = [
  'FailoverBlocked',
  'RejoinNeeded',
  'SchemaCurrent',
] satisfies readonly ConditionType[];

/**
 * What type of Event tells that a condition has come to a reason, and is called after it; null: none. A reason that is the name
 * of an alarm is told by that; an Event of type Normal comes after trouble alone.
 */
export function eventOfReason(type: string, reason: string): 'Warning' | 'Normal' | null {
  const weight = type in conditionTable ? weightOfCondition({ type, reason }) : null;
  if (weight === 'fine') return mayBeTrouble(type) ? 'Normal' : null;
  return weight === 'trouble' && !TOLD_BY_CORE.includes(type) && !isAlarm(reason) ? 'Warning' : null;
}
