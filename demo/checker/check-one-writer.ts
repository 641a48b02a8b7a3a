import { groupBy, ofKind } from './group.ts';
import { type AppendEvent, mailboxKey } from './history.ts';
import { inRealTime } from './in-real-time.ts';
import type { Check } from './invariant.ts';

/**
 * I3: never two primaries at once, as clients can tell. A mailbox hands out UIDs in the order of its commits, and a new
 * epoch starts above the old one. So a message acknowledged before another was even sent has the lower UID; a primary
 * that went on writing in the past would break that order.
 */
export const checkOneWriter: Check = (history) => {
  const appends = ofKind(history, 'append').filter((a) => a.outcome === 'ok' && a.uid !== null);
  const violations = [...groupBy(appends, (a) => `${mailboxKey(a)} ${a.uidValidity}`).values()].flatMap(disordered);
  return {
    invariant: 'I3',
    promise: 'one writer at a time: UIDs follow real time',
    examined: appends.length,
    violations,
  };
};

/** At the moment an append began, everything acknowledged had a lower UID than the one it was to get. */
function disordered(appends: readonly AppendEvent[]): readonly string[] {
  const violations: string[] = [];
  let highest = 0;
  inRealTime(appends, {
    settle: (earlier) => {
      highest = Math.max(highest, earlier.uid ?? 0);
    },
    visit: (append) => {
      if ((append.uid ?? 0) > highest) return;
      violations.push(`${mailboxKey(append)}: UID ${append.uid} was given after UID ${highest} had been acknowledged`);
    },
  });
  return violations;
}
