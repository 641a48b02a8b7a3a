import type { V1Secret } from '@kubernetes/client-node';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { clusterNames } from '../../../cluster/cluster-names.ts';
import { PUBLIC_KEYS_FILE as IMAPD_FILE } from '../../../cluster/imapd-paths.ts';
import { isExisting } from '../../../partition/existing-members.ts';
import { PUBLIC_KEYS_FILE as AGENT_FILE } from '../../../partition/objects/member-paths.ts';
import { partitionNames } from '../../../partition/objects/partition-names.ts';
import type { Stored } from '../../api/resource.ts';
import { keyOf } from '../../watch/key-of.ts';
import { unsupportedPartition } from '../partition/unsupported-on-kubernetes.ts';

export type KeyHolders = {
  readonly cluster: ImapCluster;
  readonly partitions: readonly MailboxPartition[];
  readonly secrets: { get(key: string): Stored<V1Secret> | undefined };
};

/** Whether the public key `kid` is in the Secret of imapd, and in that of the agents of each partition that has agents. */
export function allKnow(kid: string, { cluster, partitions, secrets }: KeyHolders): boolean {
  const { namespace } = cluster.metadata;
  const knows = (name: string, file: string): boolean =>
    isIn(kid, secrets.get(keyOf({ namespace, name }))?.data?.[file]);
  const withAgents = partitions.filter(
    (partition) => !isExisting(partition) && unsupportedPartition(partition)?.whole !== true,
  );
  return (
    knows(clusterNames(cluster).configuration, IMAPD_FILE) &&
    withAgents.every((partition) => knows(partitionNames(partition).configuration, AGENT_FILE))
  );
}

/** `content` in base64. Whatever cannot be read, pods cannot read either. */
function isIn(kid: string, content: string | undefined): boolean {
  try {
    const keys: unknown = JSON.parse(Buffer.from(content ?? '', 'base64').toString('utf8'));
    return Array.isArray(keys) && keys.some((key: { readonly kid?: unknown } | null) => key?.kid === kid);
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
