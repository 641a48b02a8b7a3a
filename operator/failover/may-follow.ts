import type { MemberName } from '#contract/names.ts';
import { isLoser, type Operation } from '../partition/operation.ts';
import type { Observation } from './observation/observation.ts';
import { endOf, isLeaving } from './observation/platform-word.ts';

/**
 * Whether a member is told to follow the candidate while the change goes on. A loser comes back afterwards: it may hold what
 * nobody else has. Not so the old primary of a switchover, which was stopped in good order: it follows like the others, and its
 * agent refuses should its log differ all the same. Where it goes, that process is left to end; the one after it is as good as any,
 * and may be the one without which nobody could acknowledge.
 */
export function mayFollow(operation: Operation, name: MemberName, { members }: Pick<Observation, 'members'>): boolean {
  if (!isLoser(operation, name)) return true;
  if (operation.kind !== 'Switchover') return false;
  const member = members.get(name);
  return operation.fromLeaves !== true || (member !== undefined && !isLeaving(member) && endOf(member) === null);
}
