import type { MemberName } from '#contract/names.ts';
import type { Loser, Operation, Yielded } from '../partition/operation.ts';
import type { PartitionSpec } from '../partition/partition-spec.ts';
import type { PartitionRecord } from '../partition/record.ts';
import { wantedSet } from '../partition/synchronous-set.ts';
import type { Observation } from './observation/observation.ts';
import { reasonAfter } from './reason.ts';

/** Operations as they are first recorded. Each takes an epoch that has never been used. */
type Beginning = {
  readonly spec: PartitionSpec;
  readonly record: PartitionRecord;
  readonly observation: Observation;
  readonly now: number;
};

const blank = ({ record, now }: Beginning) => ({
  epoch: record.epoch + 1,
  losers: [],
  survivors: [],
  attached: [],
  synchronous: null,
  mark: null,
  stopConfirmed: false,
  leasesUntil: null,
  acceptDataLoss: false,
  startedAt: now,
  lostUpTo: 0,
  phases: {},
});

/** The first primary of a new repository. Its set is complete from the start: the others are clones of it. */
export function beginBootstrap(first: MemberName, record: PartitionRecord, beginning: Beginning): Operation {
  const { spec } = beginning;
  const attached = spec.members.map((member) => member.name);
  return {
    ...blank({ ...beginning, record }),
    kind: 'Bootstrap',
    step: 'initialize',
    from: null,
    candidate: first,
    synchronous: wantedSet(spec, first, attached),
    reason: spec.control === 'sql' ? 'existing servers' : 'new repository',
  };
}

export function beginFailover(
  beginning: Beginning,
  { from, why, lostUpTo }: { from: MemberName; why: string; lostUpTo: number | null },
): Operation {
  const { request, primaryDownMs } = beginning.observation;
  const forced = request?.kind === 'failover' ? request : null;
  return {
    ...blank(beginning),
    kind: 'Failover',
    step: 'fence',
    from,
    candidate: null,
    losers: [{ member: from, lastEpoch: beginning.record.servedEpoch }],
    acceptDataLoss: forced?.acceptDataLoss ?? false,
    reason: reasonAfter(forced === null ? why : forced.reason),
    lostUpTo,
    lags: lagsOf(beginning),
    phases: { detect: Math.round(primaryDownMs ?? 0) },
  };
}

const lagsOf = ({ observation }: Beginning): Readonly<Record<MemberName, number>> =>
  Object.fromEntries(observation.lagSeconds);

/** `leaves`: `from` is about to end, and nobody waits for it to follow. */
export function beginSwitchover(
  beginning: Beginning,
  { from, to, leaves = false }: { from: MemberName; to: MemberName; leaves?: boolean },
): Operation {
  return {
    ...blank(beginning),
    ...(leaves ? { fromLeaves: true } : {}),
    kind: 'Switchover',
    step: 'fence',
    from,
    candidate: to,
    losers: [{ member: from, lastEpoch: beginning.record.servedEpoch }],
    reason: leaves ? `${from} is about to end: switchover to ${to}` : `switchover to ${to}`,
  };
}

/**
 * The candidate was lost: the same failover again, at a further epoch, without it. Until the retarget it had served
 * nobody, and the old primary is still the one whose promises count; from then on its own do.
 */
export function beginAgain(lost: Operation, beginning: Beginning, why: string): Operation {
  const yielded = yieldedBy(lost, beginning);
  return {
    ...lost,
    kind: 'Failover',
    step: 'fence',
    epoch: beginning.record.epoch + 1,
    from: hasServed(lost) ? lost.candidate : lost.from,
    candidate: null,
    losers: withCandidate(lost).filter(({ member }) => member !== yielded?.member),
    survivors: [],
    attached: [],
    synchronous: null,
    mark: yielded === undefined ? null : lost.mark,
    yielded,
    stopConfirmed: false,
    // What is lost with the one that took over is another matter than what it took over.
    lostUpTo: hasServed(lost) ? 0 : lost.lostUpTo,
    lags: { ...lagsAgain(lost, beginning), ...lagOfYielded(lost, yielded, beginning) },
    reason: reasonAfter(lost.reason, `again: ${why}`),
  };
}

/** As they are known now; by an operator that knows nothing yet, as they were recorded, unless somebody served since. */
function lagsAgain(lost: Operation, beginning: Beginning): Operation['lags'] {
  if (beginning.observation.lagSeconds.size > 0) return lagsOf(beginning);
  return hasServed(lost) ? {} : lost.lags;
}

function yieldedBy(lost: Operation, { record }: Beginning): Yielded | undefined {
  // The fence took the writer out of the target; whoever is in it now was put there before anybody was told.
  const untold = record.target?.writer == null;
  const { yielded, from, mark } = lost;
  if (yielded !== undefined) return { ...yielded, untold: yielded.untold && untold };
  const loser = lost.losers.find(({ member }) => member === from);
  if (lost.kind !== 'Switchover' || !hasServed(lost) || mark === null || loser === undefined) return undefined;
  return { ...loser, untold };
}

/** What it lacks was written after the planned change had begun. */
const lagOfYielded = (
  { startedAt }: Operation,
  yielded: Yielded | undefined,
  { now }: Beginning,
): Readonly<Record<MemberName, number>> =>
  yielded === undefined ? {} : { [yielded.member]: Math.max(0, now - startedAt) / 1_000 };

/** From its last step on, the candidate is the primary of the record. */
export const hasServed = (operation: Operation): boolean =>
  operation.candidate !== null && operation.step === 'retarget';

function withCandidate(lost: Operation): readonly Loser[] {
  const { candidate, epoch, losers } = lost;
  if (candidate === null) return losers;
  const others = losers.filter((loser) => loser.member !== candidate);
  return [...others, { member: candidate, lastEpoch: hasServed(lost) ? epoch : 0 }];
}

/**
 * A planned candidate is named from the start. Before the promotion it is a replica like the others, with a vote: to pass it over
 * because the old primary has ended would leave too few to elect from.
 */
const mayBePromoted = ({ step }: Operation): boolean => !['fence', 'elect', 'catchUp'].includes(step);

/** Gives a change up before anybody else served: the old primary goes on, under a further epoch. */
export function beginReinstate(lost: Operation, beginning: Beginning, why: string): Operation {
  return {
    ...lost,
    kind: 'Reinstate',
    step: 'follow',
    epoch: beginning.record.epoch + 1,
    candidate: lost.from,
    losers: (mayBePromoted(lost) ? withCandidate(lost) : lost.losers).filter(({ member }) => member !== lost.from),
    survivors: [],
    attached: [],
    synchronous: beginning.record.synchronous,
    leasesUntil: null,
    reason: reasonAfter(lost.reason, `given up: ${why}`),
  };
}
