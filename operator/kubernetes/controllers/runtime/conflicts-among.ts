import { type PartitionName, partitionName } from '#contract/names.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { type Claim, placementConflictMessage, placementConflicts } from '../../../partition/placement-conflict.ts';
import { createdAt } from './by-age.ts';

/** For each partition of a cluster that must give way: to whom, of what, and what to do about it. */
export function conflictsAmong(partitions: readonly MailboxPartition[]): ReadonlyMap<PartitionName, string> {
  const claims = partitions.map(
    (partition): Claim => ({
      partition: partitionName(partition.metadata.name),
      createdAt: createdAt(partition),
      slots: partition.spec.holds.slots,
      users: partition.spec.holds.users,
      namespaces: partition.spec.holds.namespaces,
    }),
  );
  const found = placementConflicts(claims);
  return new Map([...found].map(([name, conflicts]) => [name, placementConflictMessage(conflicts)]));
}
