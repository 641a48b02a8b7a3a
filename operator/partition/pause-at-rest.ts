import type { Observation } from '../failover/observation/observation.ts';
import type { Convergence } from '../targets/lagging-watch.ts';
import type { Tuning } from '../tuning.ts';
import { othersThan, type PartitionSpec } from './partition-spec.ts';
import type { PartitionRecord } from './record.ts';

export type AtRest = {
  readonly spec: PartitionSpec;
  readonly record: PartitionRecord;
  readonly observation: Observation;
  readonly convergence: Convergence;
  readonly tuning: Tuning;
};

/**
 * How long a partition to which nothing is to be done may be left alone, if nobody asks for a turn. Where all is well everything
 * that can change is told as it comes, but for one thing: that somebody says nothing any more. So the next turn is taken when the
 * first of its members would have been silent for too long, if it said nothing from now on.
 */
export function pauseAtRest(input: AtRest): number {
  const { record, tuning } = input;
  if (record.phase !== 'Healthy') return tuning.resyncMs;
  // Of somebody who is silent already everything was decided that there is.
  return quietFor(input) || tuning.restMs;
}

/**
 * The same of a partition that was well when it was looked at last: mostly all members have been heard since, and it may be left
 * alone further. 0: it is to be looked at.
 */
export function quietFor(input: AtRest): number {
  if (isWatched(input)) return 0;
  const { observation, tuning } = input;
  const heard = [...observation.members.values()].map(({ silentMs }) => silentMs ?? Number.POSITIVE_INFINITY);
  const untilSilent = tuning.heartbeatTimeoutMs - Math.max(...heard);
  return untilSilent > 0 ? Math.ceil(untilSilent) + 1 : 0;
}

/**
 * What nobody tells. Under leases: when imapd last had an answer of the primary, the bound on what its death can lose. That imapd
 * has caught up with the newest document, and a replica with the schema, so that it may be read from.
 */
function isWatched({ spec, record, convergence }: AtRest): boolean {
  if (spec.durability.mode === 'Async' || convergence.lagging.length > 0) return true;
  return record.target?.readers.length !== othersThan(spec, record.primary).length;
}
