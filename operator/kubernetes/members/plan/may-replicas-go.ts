import { isLeaving, isReady, isRunning } from '../pod-state.ts';
import type { MemberAction } from './members-plan.ts';
import type { Survey } from './survey.ts';

/**
 * Whether a replica can be done without: nobody is about to need it as the next primary, and the budget of the primary protects
 * the right one. By the record and the pods alone: an operator that has just begun, and has heard of no member yet, changes
 * nothing.
 */
export function mayReplicasGo({ members, record }: Survey, roles: readonly MemberAction[]): boolean {
  if (record === null || record.operation !== null || roles.length > 0) return false;
  const isServing = record.conditions.some(
    // While a newer schema waits the primary is as well as ever.
    ({ type, status, reason }) => type === 'Ready' && (status === 'True' || reason === 'SchemaOutdated'),
  );
  const pod = members.find(({ name }) => name === record.primary)?.pod ?? null;
  return isServing && pod !== null && isRunning(pod) && isReady(pod) && !isLeaving(pod);
}
