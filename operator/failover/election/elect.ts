import type { MemberName } from '#contract/names.ts';
import { comparePositions, holds } from '../../engine/compare-positions.ts';
import { isLoser, type Operation, type Survivor } from '../../partition/operation.ts';
import { othersThan, type PartitionSpec } from '../../partition/partition-spec.ts';
import type { PartitionRecord, SynchronousSet } from '../../partition/record.ts';
import { promotionIsSafe, wantedSet } from '../../partition/synchronous-set.ts';
import { holdsMark } from './judge-yielded.ts';

/** `lostUpTo`: seconds, as in the operation, and now that of the elected one. */
export type Election =
  | {
      readonly elected: true;
      readonly candidate: MemberName;
      readonly synchronous: SynchronousSet;
      readonly lostUpTo: number | null;
    }
  | { readonly elected: false; readonly why: string };

/**
 * Step `elect`, over positions that members reported after they had been detached: nothing can be added to them any
 * more. The highest received wins, the name breaks a tie, so that a repeated election elects the same.
 */
export function elect(operation: Operation, record: PartitionRecord, spec: PartitionSpec): Election {
  const survivors = operation.survivors.filter((survivor) => !isLoser(operation, survivor.member));
  const best = survivors.toSorted(byPosition)[0];
  if (best === undefined) return { elected: false, why: 'no replica could be detached' };
  if (operation.kind === 'Switchover') return electPlanned(operation, spec, survivors);
  const asked = survivors.map((survivor) => survivor.member);
  const candidate = best.member;
  // Nobody has written since a planned change, and it has all from before.
  const isWhole = operation.yielded?.untold === true && holdsMark(operation, candidate);
  const why = operation.acceptDataLoss || isWhole ? null : objection({ operation, record, spec, best, survivors });
  if (why !== null) return { elected: false, why };
  const isSafe = isWhole || promotionIsSafe(record.synchronous, countedOf(survivors));
  const lostUpTo = isSafe ? operation.lostUpTo : lostBy(survivors, operation);
  return { elected: true, candidate, synchronous: setFor(operation, spec, { best: candidate, asked }), lostUpTo };
}

/** Whose word counts. Who may lack what he acknowledged may be elected where the others suffice and he has no less than they. */
const countedOf = (survivors: readonly Survivor[]): readonly MemberName[] =>
  survivors.filter(({ mayLack }) => mayLack !== true).map(({ member }) => member);

type Proposal = {
  readonly operation: Operation;
  readonly record: PartitionRecord;
  readonly spec: PartitionSpec;
  readonly best: Survivor;
  readonly survivors: readonly Survivor[];
};

/** What speaks against promoting the best of those that were detached; null where nothing does. */
function objection({ operation, record, spec, best, survivors }: Proposal): string | null {
  const { required, members } = record.synchronous;
  const apart = survivors.find((other) => !holds(best, other));
  if (apart !== undefined) return `${best.member} and ${apart.member} each have something that the other lacks`;
  if (required > 0) {
    const asked = countedOf(survivors);
    const lacking = survivors.filter(({ mayLack }) => mayLack).map(({ member }) => member);
    const but = lacking.length === 0 ? '' : `; ${lacking.join(', ')} may lack what it acknowledged`;
    const why = `R + W > N fails: ${asked.length} + ${required} of ${members.length}${but}`;
    return promotionIsSafe(record.synchronous, asked) ? null : why;
  }
  // Nobody else acknowledged: the bound on the lag holds, which the gate may have seen kept by somebody else.
  if (operation.lags === undefined) return null;
  const lag = leastLag(survivors, operation.lags);
  if (lag !== undefined && lag <= spec.failover.maxLostSeconds) return null;
  return `${best.member} may be ${lag?.toFixed(1) ?? 'any number of'} s behind, ${spec.failover.maxLostSeconds} s may be lost`;
}

/** That of the candidate: who stands furthest has at least what any other one has. */
const leastLag = (survivors: readonly Survivor[], lags: NonNullable<Operation['lags']>): number | undefined => {
  const known = survivors.map(({ member }) => lags[member]).filter((lag) => lag !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
};

function lostBy(survivors: readonly Survivor[], { lags, lostUpTo }: Operation): number | null {
  if (lags === undefined || lostUpTo === null) return lostUpTo;
  const lag = leastLag(survivors, lags);
  return lag === undefined ? null : Math.max(lag, lostUpTo);
}

function byPosition(a: Survivor, b: Survivor): number {
  return comparePositions(b, a) || (a.member < b.member ? -1 : 1);
}

/** The chosen member must have all that the old primary wrote before it stopped writing. */
function electPlanned(operation: Operation, spec: PartitionSpec, survivors: readonly Survivor[]): Election {
  const chosen = survivors.find((survivor) => survivor.member === operation.candidate);
  if (chosen === undefined) return { elected: false, why: `${operation.candidate} could not be detached` };
  const { mark } = operation;
  if (mark === null) return { elected: false, why: 'where the old primary stopped writing is unknown' };
  if (!holds(chosen, { timeline: chosen.timeline, received: mark })) {
    return { elected: false, why: `${chosen.member} stands at ${chosen.received}, the old primary at ${mark}` };
  }
  const synchronous = wantedSet(spec, chosen.member, followersOf(operation, spec, survivors));
  return { elected: true, candidate: chosen.member, synchronous, lostUpTo: operation.lostUpTo };
}

/**
 * The old primary follows too, which was stopped in good order. Where it was stopped because it goes, nobody waits for one that is
 * away either: those that could be detached are the ones by which the successor was judged to have enough.
 */
const followersOf = (
  operation: Operation,
  spec: PartitionSpec,
  survivors: readonly Survivor[],
): readonly MemberName[] =>
  operation.fromLeaves === true ? survivors.map(({ member }) => member) : spec.members.map(({ name }) => name);

/** Where a person accepted a loss because too few are left, waiting for more would only prolong the outage. */
function setFor(
  operation: Operation,
  spec: PartitionSpec,
  { best, asked }: { best: MemberName; asked: readonly MemberName[] },
): SynchronousSet {
  const wanted = withNewcomers(wantedSet(spec, best, asked), operation, { spec, best });
  const followers = asked.filter((member) => member !== best).length;
  return operation.acceptDataLoss && followers < wanted.required ? { required: 0, members: [] } : wanted;
}

/**
 * Where those that are left do not suffice, whoever is still being copied is waited for as well: it may be there before the
 * lost one is.
 */
function withNewcomers(
  set: SynchronousSet,
  operation: Operation,
  { spec, best }: { spec: PartitionSpec; best: MemberName },
): SynchronousSet {
  const left = set.members.filter((member) => !isLoser(operation, member)).length;
  return left >= set.required ? set : { ...set, members: othersThan(spec, best).map(({ name }) => name) };
}
