import { partitionName } from '#contract/names.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { isExisting } from '../../../partition/existing-members.ts';
import { respite } from '../../../partition/respite.ts';
import { keyOf } from '../../watch/key-of.ts';
import type { Leading } from '../leading.ts';
import type { ClusterRuntime } from './cluster-runtime.ts';
import { isHandingOver } from './is-handing-over.ts';

/** Until the change begins that lets another one take over, ms; it is asked for at once. */
const TAKING_OVER_MS = 1_000;

export type RespiteContext = Pick<Leading, 'caches' | 'clock'> & {
  readonly runtime: ClusterRuntime | null;
  readonly respiteMs: number;
};

/**
 * How long the objects of a partition give way to a change of its primary, ms: one that goes on, or is about to begin. A pod made
 * in the place of a deleted one takes processor and disk from those that take over, and waits for the volume in any case.
 */
export function respiteOf(partition: MailboxPartition, { caches, clock, runtime, respiteMs }: RespiteContext): number {
  const record = runtime?.records.known(partitionName(partition.metadata.name));
  if (record == null) return 0;
  // Servers that somebody else runs have no pods of ours.
  const pod = caches.pods.get(keyOf({ namespace: partition.metadata.namespace, name: record.primary ?? '' })) ?? null;
  if (!isExisting(partition) && isHandingOver(record, pod)) return TAKING_OVER_MS;
  return respite(record, { now: clock.now(), respiteMs });
}
