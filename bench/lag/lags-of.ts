import type { Look, Mark } from './marks.ts';

/** Of one mark on one replica, ms. */
export type Lag = {
  /** From its acknowledgement until it was seen; 0 where the replica was quicker than the primary's answer. */
  readonly behindMs: number;
  /** From before it was inserted: the primary's own work, its disk and the wait for a replica are in it. */
  readonly sinceBegunMs: number;
};

/**
 * How long after each mark one replica showed it: never less than it took, and more by up to the time between two looks. Pure.
 * @param marks the one with number n is at n - 1
 * @param looks in order, the last of which saw the last mark
 * @throws Error where a mark was never seen: what is slowest may not be missing
 */
export function lagsOf(marks: readonly Mark[], looks: readonly Look[]): readonly Lag[] {
  let next = 0;
  return marks.map(({ begunAt, acknowledgedAt }, index) => {
    let look = looks[next];
    while (look !== undefined && look.newest < index + 1) look = looks[++next];
    if (look === undefined) throw new Error(`mark ${index + 1} of ${marks.length} was never seen`);
    return { behindMs: Math.max(0, look.at - acknowledgedAt), sinceBegunMs: look.at - begunAt };
  });
}
