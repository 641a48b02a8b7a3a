import type { V1Service } from '@kubernetes/client-node';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import type { Built } from '../../objects/built.ts';
import { ownedMeta } from '../../objects/owned-meta.ts';
import { type MemberRole, membersSelector, partitionLabels } from './member-labels.ts';
import { databasePort } from './member-ports.ts';
import { partitionNames } from './partition-names.ts';

type Shape = { readonly name: string; readonly role: MemberRole };

function service(partition: MailboxPartition, { name, role }: Shape): Built<V1Service> {
  const database = databasePort(partition.spec.repository.engine);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: ownedMeta({ owner: partition, name, labels: partitionLabels(partition) }),
    spec: {
      type: 'ClusterIP',
      selector: { ...membersSelector(partition, role) },
      ports: [{ name: database.name, port: database.port, targetPort: database.name, protocol: 'TCP' }],
    },
  };
}

/**
 * `-primary` and `-readers`, for people and tools. imapd uses neither: a Service moves no connection that is open, and
 * takes seconds to move new ones.
 */
export function roleServices(partition: MailboxPartition): readonly Built<V1Service>[] {
  const { primary, readers } = partitionNames(partition);
  return [
    service(partition, { name: primary, role: 'primary' }),
    service(partition, { name: readers, role: 'replica' }),
  ];
}

/** Gives every member a host name of its own, from before it is ready: a clone is made from and by servers that are not. */
export function membersService(partition: MailboxPartition): Built<V1Service> {
  const { metadata, spec, ...kind } = service(partition, { name: partitionNames(partition).members, role: null });
  return { ...kind, metadata, spec: { ...spec, clusterIP: 'None', publishNotReadyAddresses: true } };
}
