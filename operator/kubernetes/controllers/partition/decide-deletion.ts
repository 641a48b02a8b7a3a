import { GROUP } from '#crds/group.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { partitionNames } from '../../../partition/objects/partition-names.ts';

/** Its value is the name of the partition: said twice, it is meant. */
export const CONFIRM_ANNOTATION = `${GROUP}/confirm-deletion`;

/**
 * Whether users, or shared mailboxes, live in a partition, as far as anybody can say. `recordMissing`: its servers have data,
 * and nobody knows which of them served.
 */
export type Occupancy = 'empty' | 'occupied' | 'unknown' | 'recordMissing';

export type DeletionDecision = { readonly kind: 'release' } | { readonly kind: 'hold'; readonly message: string };

/** What becomes of a partition whose deletion was asked for. One that may hold mail goes only when that is confirmed. */
export function decideDeletion(partition: MailboxPartition, occupancy: Occupancy): DeletionDecision {
  const { annotations = {}, name } = partition.metadata;
  if (occupancy === 'empty' || annotations[CONFIRM_ANNOTATION] === name) return { kind: 'release' };
  return {
    kind: 'hold',
    message: `deletion was asked for, but ${whyHeld(partition, occupancy)}; to delete it all the same: kubectl annotate mailboxpartition ${name} ${CONFIRM_ANNOTATION}=${name}`,
  };
}

function whyHeld(partition: MailboxPartition, occupancy: Exclude<Occupancy, 'empty'>): string {
  switch (occupancy) {
    case 'occupied':
      return 'it holds users or shared mailboxes';
    case 'unknown':
      return 'whether it holds users or shared mailboxes cannot be found out now';
    case 'recordMissing':
      return `its servers have data, and the ConfigMap ${partitionNames(partition).record} that says who served is missing or of before them`;
  }
}
