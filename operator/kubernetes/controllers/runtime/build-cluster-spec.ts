import { clusterName, partitionName } from '#contract/names.ts';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import type { ClusterSpec, MemberSpec } from '../../../partition/partition-spec.ts';
import { partitionSpecOf } from '../../../partition/partition-spec-of.ts';
import { effectivePlacement } from './effective-placement.ts';

/** A partition that the core is to look after, and where its servers are. */
export type Placed = { readonly object: MailboxPartition; readonly members: readonly MemberSpec[] };

export type SpecInput = {
  readonly cluster: ImapCluster;
  readonly partitions: readonly Placed[];
  /** Whose records cannot be read: they keep what they hold, and nothing is done about them. */
  readonly unknown: readonly MailboxPartition[];
  /** `MAIL_SCHEMA`. */
  readonly schema: string;
};

/** `contested`: whether two of the partitions claim the same. */
export type BuiltSpec = { readonly spec: ClusterSpec; readonly contested: boolean };

/** What the operator's core is to bring about for one ImapCluster. In the order of names: the same objects, the same spec. */
export function buildClusterSpec({ cluster, partitions, unknown, schema }: SpecInput): BuiltSpec {
  const sorted = partitions.toSorted((a, b) => (a.object.metadata.name < b.object.metadata.name ? -1 : 1));
  const clusterPaused = cluster.spec.paused;
  const { placement, contested } = effectivePlacement([...sorted.map(({ object }) => object), ...unknown]);
  const spec = {
    cluster: clusterName(cluster.metadata.name),
    placement,
    partitions: sorted.map(({ object, members }) => partitionSpecOf(object, { members, schema, clusterPaused })),
    unknown: unknown.map(({ metadata }) => partitionName(metadata.name)).toSorted(),
  };
  return { spec, contested };
}
