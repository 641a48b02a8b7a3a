import type { MailboxPartition } from '#crds/mailbox-partition.ts';

/** Key of the ImapCluster that a partition names. */
export const clusterOf = ({ metadata, spec }: Pick<MailboxPartition, 'metadata' | 'spec'>): string =>
  `${metadata.namespace ?? ''}/${spec.clusterRef.name}`;
