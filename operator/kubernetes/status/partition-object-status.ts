import { alarms } from '#crds/alarms.ts';
import type { Condition } from '#crds/condition.ts';
import type { ReasonOf } from '#crds/condition-table.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import type { MailboxPartitionStatus } from '#crds/partition-status.ts';
import { partitionStatus } from '../../partition/partition-status.ts';
import type { PartitionRecord } from '../../partition/record.ts';
import { datedConditions, type Judgement, judge } from './dated-conditions.ts';

/** Alarms of the controller beside the core's conditions. */
export type PartitionProblem = (typeof alarms.MailboxPartition)[number];

export type PartitionStatusInput = {
  readonly partition: MailboxPartition;
  /** null: none is stored; undefined: nobody has looked. */
  readonly record: PartitionRecord | null | undefined;
  /** What stands in the way; the message says what to do. */
  readonly problems: ReadonlyMap<PartitionProblem, string>;
  /** `Unsupported` is about all of it: nothing at all is done. */
  readonly refused?: boolean;
  /** What the plan for the members says. */
  readonly members: readonly Judgement[];
  /** Milliseconds since 1970. */
  readonly now: number;
};

/** With these nobody watches over the partition: what its record says of now is no longer known. */
const UNWATCHED = ['ClusterMissing', 'Unsupported', 'RecordDamaged', 'CoreFailed'] as const;

/** `status` of a MailboxPartition: its record, and what the record does not know. */
export function partitionObjectStatus(input: PartitionStatusInput): MailboxPartitionStatus {
  const { partition, record, members, problems, now } = input;
  const { generation } = partition.metadata;
  const before = partition.status?.conditions ?? [];
  const alarms = [...problems].map(([type, message]) => judge(type, true, { reason: type, message }));
  const own = datedConditions([...unwatched(input), ...members, ...alarms], { before, generation, now });
  const { conditions: recorded = [], ...base } = baseOf(partition, record);
  return {
    ...base,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    conditions: merged(recorded, own),
  };
}

function baseOf(partition: MailboxPartition, record: PartitionRecord | null | undefined): MailboxPartitionStatus {
  if (record === null) return { phase: 'Creating', conditions: [notBegun(partition)] };
  if (record !== undefined) return partitionStatus(record);
  // What was told last goes on being told: it is not ours to say that there is nothing.
  const { observedGeneration: _, ...told } = partition.status ?? {};
  return told;
}

const notBegun = ({ metadata }: MailboxPartition): Condition => ({
  type: 'Ready',
  status: 'False',
  reason: 'Creating' satisfies ReasonOf<'Ready'>,
  message: 'the partition is being made',
  lastTransitionTime: metadata.creationTimestamp ?? new Date(0).toISOString(),
});

function unwatched({ problems, refused = false }: PartitionStatusInput): readonly Judgement[] {
  const reason = UNWATCHED.find((problem) => problems.has(problem) && (problem !== 'Unsupported' || refused));
  const message = reason === undefined ? '' : (problems.get(reason) ?? '');
  return reason === undefined ? [] : [judge('Ready', reason === 'CoreFailed' ? null : false, { reason, message })];
}

/** Of two of the same type the controller's; what was an alarm of its own and is none any more goes. */
function merged(recorded: readonly Condition[], own: readonly Condition[]): Condition[] {
  const types = new Set(own.map(({ type }) => type));
  const kept = recorded.filter(({ type }) => !types.has(type) && !ALARMS.has(type));
  return [...kept, ...own].toSorted((a, b) => (a.type < b.type ? -1 : 1));
}

const ALARMS: ReadonlySet<string> = new Set(alarms.MailboxPartition);
