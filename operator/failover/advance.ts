import { isLoser, type Operation } from '../partition/operation.ts';
import type { PartitionSpec } from '../partition/partition-spec.ts';
import type { FinishedChange, PartitionRecord, Rejoining } from '../partition/record.ts';
import { fencedTarget } from './step-context.ts';
import { stepAfter } from './steps.ts';

/** What a completed step leaves behind. */
export type Completed = {
  readonly learnt: Partial<Operation>;
  readonly elapsedMs: number;
  /** Milliseconds since 1970. */
  readonly now: number;
};

/** The change of the record with which an operation begins. The epoch is spent from here on. */
export function beginning(record: PartitionRecord, operation: Operation): Partial<PartitionRecord> {
  const phase = operation.kind === 'Bootstrap' ? 'Creating' : phaseOf(operation);
  const target = record.target === null ? null : fencedTarget(record, operation);
  return { operation, epoch: operation.epoch, phase, target };
}

const phaseOf = (operation: Operation) => (operation.kind === 'Switchover' ? 'Switching' : 'FailingOver');

/** The change of the record after a step: the next step, or the end of the operation. */
export function advance(record: PartitionRecord, spec: PartitionSpec, completed: Completed): Partial<PartitionRecord> {
  const { operation } = record;
  if (operation === null) throw new Error('no operation is under way');
  const spent = (operation.phases[operation.step] ?? 0) + completed.elapsedMs;
  const learnt: Operation = {
    ...operation,
    ...completed.learnt,
    phases: { ...operation.phases, [operation.step]: Math.round(spent) },
  };
  const next = stepAfter(operation.kind, operation.step);
  if (next === null) return ending(record, spec, { operation: learnt, now: completed.now });
  // Recorded before the grant: from then on acknowledgements rest on the new set, and on the stamp that verified it.
  const opens = next === (operation.kind === 'Bootstrap' ? 'migrate' : 'retarget');
  return { operation: { ...learnt, step: next }, ...(opens ? serving(learnt) : {}) };
}

const serving = (operation: Operation): Partial<PartitionRecord> => ({
  primary: operation.candidate,
  servedEpoch: operation.epoch,
  ...(operation.synchronous === null ? {} : { synchronous: operation.synchronous }),
});

function ending(
  record: PartitionRecord,
  spec: PartitionSpec,
  { operation, now }: { operation: Operation; now: number },
): Partial<PartitionRecord> {
  const common = { operation: null, phase: 'Degraded' } as const;
  const { kind, from, candidate } = operation;
  if ((kind !== 'Failover' && kind !== 'Switchover') || from === null || candidate === null) return common;
  const lastChange: FinishedChange = {
    kind,
    from,
    to: candidate,
    epoch: operation.epoch,
    reason: operation.reason,
    startedAt: operation.startedAt,
    finishedAt: now,
    phases: operation.phases,
    lostUpTo: operation.lostUpTo,
    salvaged: null,
  };
  if (kind === 'Switchover') return { ...common, lastChange };
  const { epoch } = operation;
  return {
    ...common,
    lastChange,
    promotions: [...record.promotions.slice(-20), now],
    forks: [...record.forks, { epoch, member: candidate, uidGap: spec.failover.uidGap, at: now }],
    rejoining: admitLosers(record, operation, now),
  };
}

/** Whoever may have taken writes that nobody else has follows again only if it has not, or is salvaged before. */
function admitLosers(record: PartitionRecord, operation: Operation, now: number): readonly Rejoining[] {
  const others = record.rejoining.filter((entry) => !isLoser(operation, entry.member));
  const losers = operation.losers.map(
    ({ member, lastEpoch }): Rejoining => ({ member, step: 'follow', lastEpoch, since: now, problem: null }),
  );
  return [...others, ...losers];
}
