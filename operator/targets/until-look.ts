import { MOMENT_MS } from '#contract/moments.ts';

/** So long after each moment, what agents send at it has come over any network of a cluster, and is dealt with in one go. */
const AFTER_MS = 3;
/** A timer that fires early must not bring the same look twice. */
const LEAST_MS = MOMENT_MS / 5;

/** Milliseconds until the imapd processes of a cluster are looked at next. @param now milliseconds since 1970 */
export function untilLook(now: number): number {
  const wait = MOMENT_MS - ((((now - AFTER_MS) % MOMENT_MS) + MOMENT_MS) % MOMENT_MS);
  return wait < LEAST_MS ? wait + MOMENT_MS : wait;
}
