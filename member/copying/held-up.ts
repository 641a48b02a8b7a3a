/** Commits hold up a copy of this server. Times are of a monotonic clock, in milliseconds. */
export type HeldUp = {
  /** Since when; and since when the copy does not get on. */
  readonly since: number;
  readonly stillSince: number;
  /** When it was looked last, and what the server had sent to anybody by then, in octets. */
  readonly at: number;
  readonly sent: number;
};

/** A server that sends more is taken to send the copy; what else there is, questions of agents and sessions that watch, is less. */
const OCTETS_A_SECOND = 256 * 1_024;
/** Commits that have waited for replicas for so long while a copy waited for them: those replicas are not just restarting. */
const STILL_MS = 20_000;
/** What is sent may be mail that is read, and no copy. One that is begun anew then, with nobody held up, costs less than to wait on. */
const LONGEST_MS = 600_000;

/** @param sent null: nothing is held up any more */
export function lookAgain(before: HeldUp | null, at: number, sent: number | null): HeldUp | null {
  if (sent === null) return null;
  if (before === null) return { since: at, stillSince: at, at, sent };
  const getsOn = sent - before.sent > ((at - before.at) / 1_000) * OCTETS_A_SECOND;
  return { since: before.since, stillSince: getsOn ? at : before.stillSince, at, sent };
}

/** Whether nothing but the end of the server frees the two of each other. A copy that gets on may be far from waiting. */
export const isDeadlock = ({ since, stillSince, at }: HeldUp): boolean =>
  at - stillSince >= STILL_MS || at - since >= LONGEST_MS;
