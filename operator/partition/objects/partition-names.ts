import type { MemberName } from '#contract/names.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { objectName } from '#crds/names/object-name.ts';
import { namespaceOf } from '../../objects/owned-meta.ts';

type Named = Pick<MailboxPartition, 'apiVersion' | 'kind' | 'metadata'>;

/** Names of everything that the operator makes for a partition. Pods and volumes are called as their member. */
export type PartitionNames = {
  /** Service of whoever is the primary, and of whoever is not: for people and tools, imapd does not use them. */
  readonly primary: string;
  readonly readers: string;
  /** Headless Service: a host name for each member, ready or not. */
  readonly members: string;
  /** Secret with the configuration of the agents, which holds a token. */
  readonly configuration: string;
  /** Secret with the passwords of the database's roles. */
  readonly credentials: string;
  /** ConfigMap with the operator's record of the partition. */
  readonly record: string;
  /** PodDisruptionBudgets of the primary and of the replicas, and the NetworkPolicy of all. */
  readonly primaryBudget: string;
  readonly replicasBudget: string;
  readonly policy: string;
};

export function partitionNames({ metadata }: Pick<MailboxPartition, 'metadata'>): PartitionNames {
  const named = (suffix: string): string => objectName(metadata.name, suffix);
  return {
    primary: named('primary'),
    readers: named('readers'),
    members: named('members'),
    configuration: named('agent-configuration'),
    credentials: named('credentials'),
    record: named('record'),
    primaryBudget: named('primary'),
    replicasBudget: named('replicas'),
    policy: named('members'),
  };
}

/** Host name of a member within the cluster; the same for all its life, wherever its pod runs. */
export const memberHost = (partition: Named, member: MemberName): string =>
  `${member}.${partitionNames(partition).members}.${namespaceOf(partition)}.svc`;
