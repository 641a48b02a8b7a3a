import type { MemberNow } from '#contract/control-api.ts';
import type { PartitionView } from '../partition/partition-view.ts';

/** The members of a partition as the control API shows them. */
export const membersNow = ({ name: partition, members }: PartitionView): readonly MemberNow[] =>
  members.map(({ name, connected, report, lagSeconds }) => ({
    partition,
    name,
    connected,
    state: report?.state ?? null,
    role: report?.replication?.role ?? null,
    received: report?.replication?.received ?? null,
    applied: report?.replication?.applied ?? null,
    lagSeconds,
    serverPid: report?.serverPid ?? null,
    lastWords: report?.exit?.lastLog ?? [],
  }));
