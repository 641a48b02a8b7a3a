import { GROUP } from '#crds/group.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';

/** Its value is the name of the partition: said twice, it is meant. */
export const CONFIRM_ANNOTATION = `${GROUP}/confirm-deletion`;

/** Whether users, or shared mailboxes, live in a partition, as far as anybody can say. */
export type Occupancy = 'empty' | 'occupied' | 'unknown';

export type DeletionDecision = { readonly kind: 'release' } | { readonly kind: 'hold'; readonly message: string };

/** What becomes of a partition whose deletion was asked for. One that may hold mail goes only when that is confirmed. */
export function decideDeletion({ metadata }: MailboxPartition, occupancy: Occupancy): DeletionDecision {
  const { annotations = {}, name } = metadata;
  if (occupancy === 'empty' || annotations[CONFIRM_ANNOTATION] === name) return { kind: 'release' };
  const why =
    occupancy === 'occupied'
      ? 'it holds users or shared mailboxes'
      : 'whether it holds users or shared mailboxes cannot be found out now';
  return {
    kind: 'hold',
    message: `deletion was asked for, but ${why}; to delete it all the same: kubectl annotate mailboxpartition ${name} ${CONFIRM_ANNOTATION}=${name}`,
  };
}
