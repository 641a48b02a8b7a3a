import type { PlatformSighting, ProcessEnd } from '../../ports.ts';
import type { MemberObservation } from './observation.ts';

/**
 * The end of the very process that was heard last, by the word of what ran it; null where there is none. An older end of the
 * same instance is that of a process before it: a container that was started again, an old copy of its status. Whole
 * seconds are held against milliseconds of the same clock, so that `>` errs on the side of the living.
 */
export function endOf({ report, platform }: MemberObservation): ProcessEnd | null {
  const { instance, startedAt } = report ?? {};
  if (instance === undefined || startedAt === undefined) return null;
  // One that began after the end was replaced is the replacement, even where the clock was set back in between.
  const isOf = ({ at, replacedAt }: ProcessEnd): boolean =>
    at > startedAt && (replacedAt === null || startedAt < replacedAt);
  return platform?.ends.find((end) => end.instance === instance && isOf(end)) ?? null;
}

/** What the platform says of the one that was heard last, and not of another one under its name. */
export function wordOf({ report, platform }: MemberObservation): PlatformSighting['state'] {
  if (platform == null || report?.instance !== platform.instance) return 'unknown';
  return platform.state;
}

/** It is about to end in order, by its agent's own word or the platform's. */
export function isLeaving(member: MemberObservation): boolean {
  if (member.report?.leaving === true) return true;
  const word = wordOf(member);
  // Who is still heard though on nobody's list any more was taken off it by force, and is told to end in a moment.
  return word === 'leaving' || (word === 'gone' && member.connected);
}

/** That it falls silent is what was to be expected, and needs no patience. */
export const isExpectedToEnd = (member: MemberObservation): boolean => isLeaving(member) || wordOf(member) === 'gone';
