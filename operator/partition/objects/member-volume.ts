import type { V1PersistentVolumeClaim } from '@kubernetes/client-node';
import type { MemberName } from '#contract/names.ts';
import type { Built } from '../../objects/built.ts';
import { canonicalQuantity } from '../../objects/canonical-quantity.ts';
import { ownedMeta } from '../../objects/owned-meta.ts';
import { type MemberInput, managedOf } from './member-input.ts';
import { memberLabels } from './member-labels.ts';

/**
 * The volume of one member. It is called as the member, and stays when the pod goes. Deleting the partition deletes it
 * only if that was asked for (`reclaim`): without an owner nobody collects it, and a partition of the same name finds it
 * again.
 */
export function memberVolume(
  { partition }: Pick<MemberInput, 'partition'>,
  member: MemberName,
): Built<V1PersistentVolumeClaim> {
  const { reclaim, storage } = managedOf(partition);
  const { size, storageClassName } = storage;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: ownedMeta({
      owner: partition,
      name: member,
      labels: memberLabels(partition, member),
      owned: reclaim === 'Delete',
    }),
    spec: {
      accessModes: ['ReadWriteOnce'],
      volumeMode: 'Filesystem',
      resources: { requests: { storage: canonicalQuantity(size) } },
      ...(storageClassName === undefined ? {} : { storageClassName }),
    },
  };
}
