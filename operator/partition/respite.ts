import type { PartitionRecord } from './record.ts';

/** A change of primary that takes longer holds up nothing else any more, ms. */
const LONGEST_CHANGE_MS = 2_000;

/** `now`: milliseconds since 1970. */
export type RespiteInput = { readonly now: number; readonly respiteMs: number };

/**
 * How long to put off what nobody waits for (status, labels, Events, the start of a server that is not needed yet), ms: while
 * the primary changes, and for `respiteMs` after that, when everybody who was held writes at once. Whatever is done meanwhile,
 * those who wait to write would pay for: measured on two cores, a third of the pause.
 */
export function respite(
  { operation, lastChange }: Pick<PartitionRecord, 'operation' | 'lastChange'>,
  { now, respiteMs }: RespiteInput,
): number {
  if (operation !== null)
    return operation.kind === 'Bootstrap' ? 0 : within(LONGEST_CHANGE_MS, operation.startedAt, now);
  return lastChange === null ? 0 : within(respiteMs, lastChange.finishedAt, now);
}

/** What is left of `ms` since `since`. With a clock that was set back nobody knows: nothing waits for that. */
const within = (ms: number, since: number, now: number): number => (since > now ? 0 : Math.max(0, since + ms - now));
