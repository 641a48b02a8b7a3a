import { isFork, isLoser, type Loser, type Operation } from '../partition/operation.ts';
import type { PartitionSpec } from '../partition/partition-spec.ts';
import type { FinishedChange, PartitionRecord, Rejoining } from '../partition/record.ts';
import { schemaAfter } from '../partition/schema.ts';
import { hasServed } from './begin-operation.ts';
import { fencedTarget } from './steps/step-context.ts';
import { stepAfter } from './steps/steps.ts';

/** What a completed step leaves behind. */
export type Completed = {
  readonly learnt: Partial<Operation>;
  readonly elapsedMs: number;
  /** Milliseconds since 1970. */
  readonly now: number;
};

/** When, and under which settings, an operation begins or ends. */
type Occasion = {
  readonly spec: PartitionSpec;
  /** Milliseconds since 1970. */
  readonly now: number;
};

/** The change of the record with which an operation begins. The epoch is spent from here on. */
export function beginning(record: PartitionRecord, operation: Operation, occasion: Occasion): Partial<PartitionRecord> {
  const phase = operation.kind === 'Bootstrap' ? 'Creating' : phaseOf(operation);
  const target = record.target === null ? null : fencedTarget(record, operation);
  const common = { operation, epoch: operation.epoch, phase, target } as const;
  const change: Partial<PartitionRecord> = { ...common, ...takenOver(record, occasion) };
  // What has served or been promoted meanwhile comes back as a replica; the others prove that they follow.
  return operation.kind === 'Reinstate' ? { ...change, rejoining: admit(record, operation, operation.losers) } : change;
}

/** A change whose new primary was lost in the last step: that it took over is true all the same. */
function takenOver(record: PartitionRecord, occasion: Occasion): Partial<PartitionRecord> {
  const lost = record.operation;
  return lost !== null && hasServed(lost) ? finished(record, lost, occasion) : {};
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
  return { operation: { ...learnt, step: next }, ...(opens ? serving(record, learnt) : {}) };
}

const serving = (record: PartitionRecord, operation: Operation): Partial<PartitionRecord> => ({
  primary: operation.candidate,
  servedEpoch: operation.epoch,
  schema: schemaAfter(record, operation),
  ...(operation.synchronous === null ? {} : { synchronous: operation.synchronous }),
});

function ending(
  record: PartitionRecord,
  spec: PartitionSpec,
  { operation, now }: { operation: Operation; now: number },
): Partial<PartitionRecord> {
  const { kind } = operation;
  const unproven = kind === 'Bootstrap' ? [] : unprovenOf(operation, spec);
  const losers = kind === 'Failover' ? operation.losers : [];
  const rejoining = admit(record, operation, [...losers, ...unproven]);
  return { operation: null, phase: 'Degraded', rejoining, ...finished(record, operation, { spec, now }) };
}

/** What is remembered of a change of primary. */
function finished(record: PartitionRecord, operation: Operation, { spec, now }: Occasion): Partial<PartitionRecord> {
  const { kind, from, candidate, epoch } = operation;
  if ((kind !== 'Failover' && kind !== 'Switchover') || from === null || candidate === null) return {};
  const lastChange: FinishedChange = {
    kind,
    from,
    to: candidate,
    epoch,
    reason: operation.reason,
    startedAt: operation.startedAt,
    finishedAt: now,
    phases: operation.phases,
    lostUpTo: operation.lostUpTo,
    salvaged: null,
  };
  if (kind === 'Switchover') return { lastChange };
  const promotions = [...record.promotions.slice(-20), now];
  if (!isFork(operation)) return { lastChange, promotions };
  return {
    lastChange,
    promotions,
    forks: [...record.forks, { epoch, member: candidate, uidGap: spec.failover.uidGap, at: now }].slice(-KEPT_FORKS),
  };
}

/** For whoever reads the record; what counts is the repository's own. */
const KEPT_FORKS = 50;

/**
 * Members of which nobody has seen that they follow the new primary. One of them may hold a history that was abandoned,
 * under a timeline number that another one bears by now: it neither votes nor is read from before it has been seen.
 */
function unprovenOf(operation: Operation, spec: PartitionSpec): readonly Loser[] {
  return spec.members
    .map((member) => member.name)
    .filter((name) => name !== operation.candidate && !operation.attached.includes(name))
    .filter((name) => operation.kind !== 'Failover' || !isLoser(operation, name))
    .map((member) => ({ member, lastEpoch: 0 }));
}

/** Puts members on their way back. Who is on it already stays where it is, unless it has served since. */
function admit(record: PartitionRecord, operation: Operation, comers: readonly Loser[]): readonly Rejoining[] {
  const fresh = comers.filter(
    ({ member, lastEpoch }) => lastEpoch > 0 || !record.rejoining.some((entry) => entry.member === member),
  );
  const staying = record.rejoining.filter(
    (entry) => entry.member !== operation.candidate && !fresh.some((comer) => comer.member === entry.member),
  );
  const since = operation.startedAt;
  return [...staying, ...fresh.map((comer): Rejoining => ({ ...comer, step: 'follow', since, problem: null }))];
}
