import type { V1ConfigMap } from '@kubernetes/client-node';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import type { Built } from '../../objects/built.ts';
import { ownedMeta } from '../../objects/owned-meta.ts';
import { partitionLabels } from '../../partition/objects/member-labels.ts';
import { partitionNames } from '../../partition/objects/partition-names.ts';

/**
 * The record of a partition. It goes with the partition only where the volumes go too: of volumes that are kept it says who
 * the primary was, and which epochs have been used.
 */
export const recordConfigMap = (
  partition: MailboxPartition,
  data: Readonly<Record<string, string>>,
): Built<V1ConfigMap> => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: ownedMeta({
    owner: partition,
    name: partitionNames(partition).record,
    labels: partitionLabels(partition),
    owned: partition.spec.repository.managed?.reclaim === 'Delete',
  }),
  data,
});
