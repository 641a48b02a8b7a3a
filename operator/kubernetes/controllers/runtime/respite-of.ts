import { partitionName } from '#contract/names.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { isExisting } from '../../../partition/existing-members.ts';
import { respite } from '../../../partition/respite.ts';
import { defaultTuning } from '../../../tuning.ts';
import { keyOf } from '../../watch/key-of.ts';
import type { Leading } from '../leading.ts';
import type { ClusterRuntime } from './cluster-runtime.ts';
import { isHandingOver, type PodOf } from './is-handing-over.ts';

/** No object waits longer, ms, however many partitions change their primaries one after the other. */
export const LONGEST_RESPITE_MS = 3_000;
/** Until the change begins that lets another one take over, ms; it is asked for at once. */
const TAKING_OVER_MS = 1_000;

export type RespiteContext = Pick<Leading, 'caches' | 'clock' | 'configuration'> & {
  readonly runtime: ClusterRuntime | null;
};

/**
 * How long the objects of a partition give way to a change of its primary, ms: one that goes on, or is about to begin. A pod made
 * in the place of a deleted one takes processor and disk from those that take over, and waits for the volume in any case.
 */
export function respiteOf(partition: MailboxPartition, context: RespiteContext): number {
  const { caches, clock, configuration, runtime } = context;
  const { respiteMs = defaultTuning.respiteMs } = configuration.tuning;
  const record = runtime?.records.known(partitionName(partition.metadata.name));
  if (record == null) return 0;
  const { namespace } = partition.metadata;
  const podOf: PodOf = (name) => caches.pods.get(keyOf({ namespace, name })) ?? null;
  // Servers that somebody else runs have no pods of ours; a partition that is paused changes nothing.
  const mayChange = !isExisting(partition) && !partition.spec.paused;
  if (mayChange && isHandingOver(record, podOf)) return TAKING_OVER_MS;
  return respite(record, { now: clock.now(), respiteMs });
}
