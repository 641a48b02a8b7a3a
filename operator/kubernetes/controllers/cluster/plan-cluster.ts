import { MAIL_SCHEMA } from '#contract/mail-schema.ts';
import { type PartitionName, partitionName } from '#contract/names.ts';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import type { ClusterSpec } from '../../../partition/partition-spec.ts';
import { RecordProblem } from '../../ports/record-problem.ts';
import type { ClusterProblem } from '../../status/cluster-status.ts';
import type { MembersDesk } from '../partition/members-desk.ts';
import { unsupportedPartition } from '../partition/unsupported-on-kubernetes.ts';
import { buildClusterSpec } from '../runtime/build-cluster-spec.ts';
import type { ClusterRuntime } from '../runtime/cluster-runtime.ts';
import { conflictsAmong } from '../runtime/conflicts-among.ts';
import { slotsProblem } from './slots-problem.ts';

export type ClusterPlan = {
  readonly spec: ClusterSpec;
  /** For each partition that must give way, why. */
  readonly conflicts: ReadonlyMap<PartitionName, string>;
  readonly problems: ReadonlyMap<ClusterProblem, string>;
};

export type ClusterPlanInput = {
  readonly cluster: ImapCluster;
  readonly partitions: readonly MailboxPartition[];
  readonly runtime: ClusterRuntime;
  readonly desk: MembersDesk;
};

/** How many records are read at a time. */
const AT_ONCE = 20;

/**
 * What the core of a cluster is to bring about. All records are read first: a routing document that lacked a partition, for
 * its record was not there yet, would take it away from everybody. A record that cannot be used is its partition's trouble.
 */
export async function planCluster({ cluster, partitions, runtime, desk }: ClusterPlanInput): Promise<ClusterPlan> {
  const served = partitions.filter((partition) => unsupportedPartition(partition)?.whole !== true);
  const unreadable = new Set<MailboxPartition>();
  const learn = async (partition: MailboxPartition): Promise<void> => {
    if (!(await isReadable(partition, runtime))) unreadable.add(partition);
  };
  for (let from = 0; from < served.length; from += AT_ONCE)
    await Promise.all(served.slice(from, from + AT_ONCE).map(learn));
  const planned = served
    .filter((partition) => !unreadable.has(partition))
    .map((object) => ({ object, members: desk.members(object, runtime) }));
  // One that is paused before it was ever made has nobody yet.
  const placed = planned.filter(({ members }) => members.length > 0);
  const { spec, contested } = buildClusterSpec({
    cluster,
    partitions: placed,
    unknown: [...unreadable],
    schema: MAIL_SCHEMA,
  });
  const gaps = slotsProblem(spec.placement);
  return {
    spec,
    // Each is compared with each: of a thousand partitions only where there is something to find.
    conflicts: contested ? conflictsAmong(served) : new Map(),
    problems: gaps === null ? new Map() : new Map([['SlotsUncovered', gaps]]),
  };
}

async function isReadable({ metadata }: MailboxPartition, { records }: ClusterRuntime): Promise<boolean> {
  try {
    await records.learn(partitionName(metadata.name));
    return true;
  } catch (error) {
    // Of the network, or of the API server: it passes, and until then nothing is published that does not know.
    if (!(error instanceof RecordProblem)) throw error;
    return false;
  }
}
