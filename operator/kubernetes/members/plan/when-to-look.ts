import { ASK_AGAIN_MS } from '../is-refused.ts';
import { isReady } from '../pod-state.ts';
import type { MemberAction } from './members-plan.ts';
import type { Membership } from './plan-membership.ts';
import type { Replacement } from './plan-replacement.ts';
import type { Survey } from './survey.ts';

type Planned = {
  readonly membership: Membership;
  readonly replacement: Replacement;
  readonly actions: readonly MemberAction[];
};

/** What is waited for happens in the core, which tells nobody. */
const SOON_MS = 1_000;
/** What is wrong with a database shows in its reports alone. */
const LATER_MS = 5_000;

/** Milliseconds until it is worth another look though nothing is heard; null where all is as it should be. */
export function whenToLook(survey: Survey, { membership, replacement, actions }: Planned): number | null {
  const { input, members, record } = survey;
  const { now } = input;
  const isMoving = membership.leaving !== null || replacement.waiting !== null || actions.length > 0;
  const isWhole = record?.phase === 'Healthy' && members.every(({ pod }) => pod !== null && isReady(pod));
  const moments = [
    ...(isMoving ? [SOON_MS] : []),
    ...(isWhole ? [] : [LATER_MS]),
    ...members.flatMap(({ lostAt }) => (lostAt === null || lostAt <= now ? [] : [lostAt - now])),
    ...[...input.refusals.values()].map(({ at }) => at + ASK_AGAIN_MS - now).filter((ms) => ms > 0),
  ];
  return moments.length === 0 ? null : Math.min(...moments);
}
