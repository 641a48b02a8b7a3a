import { MOMENT_MS } from '#contract/moments.ts';

/** Between two heartbeats, in milliseconds. */
export const HEARTBEAT_MS = 1_000;
const MOMENTS = HEARTBEAT_MS / MOMENT_MS;
/** A timer that fires early must not bring the same beat twice. */
const LEAST_MS = 100;

/**
 * When in each second an agent sends its heartbeats, in milliseconds: one of few moments, any of them. An operator is woken up at
 * those few instead of once for each of its agents, which is most of what it costs to hear that nothing has happened; and those of
 * one partition come at different times, as if by chance. @param random 0 to 1
 */
export const momentOf = (random: number): number => MOMENT_MS * Math.floor(MOMENTS * random);

/**
 * Milliseconds until the next heartbeat. By the clock of the host, which others have too; one that is wrong, or is set, makes one
 * heartbeat come sooner, or later by no more than `LEAST_MS`. @param now milliseconds since 1970 @param moment as `momentOf`
 */
export function untilBeat(now: number, moment: number): number {
  const wait = HEARTBEAT_MS - ((now - moment + HEARTBEAT_MS) % HEARTBEAT_MS);
  return wait < LEAST_MS ? wait + HEARTBEAT_MS : wait;
}
