import { alarms } from './alarms.ts';
import { type ConditionEntry, conditionTable, type ReasonEntry } from './condition-table.ts';

const entries = new Map<string, ConditionEntry>(Object.entries(conditionTable));
const alarmTypes: ReadonlySet<string> = new Set(Object.values(alarms).flat());

/** How much a condition weighs; an alarm is trouble while it is there. null: of a type or reason that the table does not know. */
export function weightOfCondition({ type, reason }: { readonly type: string; readonly reason: string }): Weight | null {
  if (isAlarm(type)) return 'trouble';
  return entries.get(type)?.reasons[reason]?.weight ?? null;
}

/** Whether there is a reason of that type for which somebody may have to do something. */
export const mayBeTrouble = (type: string): boolean =>
  isAlarm(type) || Object.values(entries.get(type)?.reasons ?? {}).some(({ weight }) => weight === 'trouble');

export type Weight = ReasonEntry['weight'];

export const isAlarm = (type: string): boolean => alarmTypes.has(type);
