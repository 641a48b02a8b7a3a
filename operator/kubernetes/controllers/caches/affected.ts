import { isDeepStrictEqual } from 'node:util';
import type { V1Node } from '@kubernetes/client-node';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { LABEL } from '../../../objects/labels.ts';
import type { ApiObject, Stored } from '../../api/resource.ts';
import { keyOf } from '../../watch/key-of.ts';
import type { Change } from '../../watch/object-cache.ts';
import { clusterOf } from './cluster-of.ts';
import type { ManagedObject } from './managed-object.ts';

/** Keys, `namespace/name`, of what has to be looked at again. */
export type Affected = { readonly clusters: readonly string[]; readonly partitions: readonly string[] };

/** What is known of the objects that others belong to. */
export type Directory = {
  /** Keys of the partitions of a cluster. */
  partitionsOf(cluster: string): readonly string[];
  /** Key of the cluster of a partition; null: there is no such partition. */
  clusterOf(partition: string): string | null;
  /** The name that a label stands for: most are the name itself. */
  nameOf(kind: 'cluster' | 'partition', namespace: string, label: string): string;
};

const NOTHING: Affected = { clusters: [], partitions: [] };

/** A cluster is looked at after any change; its partitions only where a person has changed something. */
export function affectedByCluster({ before, after }: Change<ImapCluster>, directory: Directory): Affected {
  const object = after ?? before;
  if (object === null) return NOTHING;
  const key = keyOf(object.metadata);
  return { clusters: [key], partitions: isWanted(before, after) ? directory.partitionsOf(key) : [] };
}

/** Its cluster places it, so that every change of what it asks for is its cluster's too. */
export function affectedByPartition({ before, after }: Change<MailboxPartition>): Affected {
  const object = after ?? before;
  if (object === null) return NOTHING;
  return { clusters: isWanted(before, after) ? [clusterOf(object)] : [], partitions: [keyOf(object.metadata)] };
}

/**
 * What the operator has made, by its labels. Secrets of a partition hold the password that its cluster's imapd gets; all else
 * of a partition is its own affair.
 */
export function affectedByObject(
  kind: string,
  { before, after }: Change<ManagedObject>,
  directory: Directory,
): Affected {
  const { labels = {}, namespace = '' } = (after ?? before)?.metadata ?? {};
  const [partition, cluster] = [labels[LABEL.partition], labels[LABEL.cluster]];
  if (partition !== undefined) {
    const key = `${namespace}/${directory.nameOf('partition', namespace, partition)}`;
    const owner = kind === 'Secret' ? directory.clusterOf(key) : null;
    return { clusters: owner === null ? [] : [owner], partitions: [key] };
  }
  if (cluster === undefined) return NOTHING;
  return { clusters: [`${namespace}/${directory.nameOf('cluster', namespace, cluster)}`], partitions: [] };
}

/** Whether there is news of a node for who runs there: kubelets write to it all the time. */
export function isNodeNews({ before, after }: Change<Stored<V1Node>>): boolean {
  if (before === null || after === null) return true;
  return !isDeepStrictEqual(gistOf(before), gistOf(after));
}

const gistOf = ({ metadata, spec, status }: Stored<V1Node>) => ({
  uid: metadata.uid,
  deleted: metadata.deletionTimestamp,
  unschedulable: spec?.unschedulable ?? false,
  taints: spec?.taints ?? [],
  ready: status?.conditions?.find(({ type }) => type === 'Ready')?.status,
});

/** Something of a person's in it has changed: not the status alone. */
function isWanted(before: ApiObject | null, after: ApiObject | null): boolean {
  if (before === null || after === null) return true;
  return !isDeepStrictEqual(askedOf(before), askedOf(after));
}

function askedOf({ metadata }: ApiObject) {
  const { uid, generation, annotations, deletionTimestamp } = metadata as Readonly<Record<string, unknown>>;
  return { uid, generation, annotations, deletionTimestamp };
}
