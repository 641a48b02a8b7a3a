import type { MailboxPartitionStatus } from '#crds/partition-status.ts';
import type { Operation } from './operation.ts';
import type { FinishedChange, PartitionRecord, Rejoining } from './record.ts';

/** The record of a partition as its `status`, field for field as on Kubernetes. */
export function partitionStatus(record: PartitionRecord): MailboxPartitionStatus {
  const { operation, lastChange } = record;
  return {
    epoch: record.epoch,
    primary: record.primary,
    phase: record.phase,
    ...(operation === null ? {} : { step: operation.step }),
    running: operation === null ? null : running(operation),
    synchronous: { required: record.synchronous.required, members: [...record.synchronous.members] },
    members: record.members.map((member) => {
      const way = record.rejoining.find((rejoining) => rejoining.member === member.name);
      return way === undefined ? { ...member } : { ...member, rejoin: REJOIN[way.step] };
    }),
    lastFailover: lastChange === null ? null : finished(lastChange),
    conditions: record.conditions.map((condition) => ({
      ...condition,
      lastTransitionTime: moment(condition.lastTransitionTime),
    })),
  };
}

const REJOIN = {
  salvage: 'Salvaging',
  rewind: 'Rewinding',
  clone: 'Cloning',
  follow: 'Following',
} as const satisfies Record<Rejoining['step'], string>;

const running = (operation: Operation): NonNullable<MailboxPartitionStatus['running']> => ({
  kind: operation.kind,
  from: operation.from,
  to: operation.candidate,
  epoch: operation.epoch,
  reason: operation.reason,
  startedAt: moment(operation.startedAt),
  phases: whole(operation.phases),
  acceptDataLoss: operation.acceptDataLoss,
});

const finished = (change: FinishedChange): NonNullable<MailboxPartitionStatus['lastFailover']> => ({
  kind: change.kind,
  from: change.from,
  to: change.to,
  epoch: change.epoch,
  reason: change.reason,
  startedAt: moment(change.startedAt),
  finishedAt: moment(change.finishedAt),
  phases: whole(change.phases),
  lostUpTo: change.lostUpTo,
  salvaged: counts(change.salvaged),
});

const moment = (milliseconds: number): string => new Date(milliseconds).toISOString();

const whole = (times: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(times).map(([step, milliseconds]) => [step, Math.round(milliseconds)]));

/** The operator keeps what the salvage job said without looking into it; `status` shows its numbers. */
function counts(salvaged: unknown): Record<string, number> | null {
  if (typeof salvaged !== 'object' || salvaged === null) return null;
  return Object.fromEntries(Object.entries(salvaged).filter(([, value]) => Number.isInteger(value))) as Record<
    string,
    number
  >;
}
