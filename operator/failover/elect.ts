import type { MemberName } from '#contract/names.ts';
import { comparePositions } from '../engine/compare-positions.ts';
import { isLoser, type Operation, type Survivor } from '../partition/operation.ts';
import type { PartitionSpec } from '../partition/partition-spec.ts';
import type { PartitionRecord, SynchronousSet } from '../partition/record.ts';
import { promotionIsSafe, wantedSet } from '../partition/synchronous-set.ts';

export type Election =
  | { readonly elected: true; readonly candidate: MemberName; readonly synchronous: SynchronousSet }
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
  if (!operation.acceptDataLoss && !mayPromote(record, asked)) {
    const { required, members } = record.synchronous;
    return { elected: false, why: `R + W > N fails: ${asked.length} + ${required} of ${members.length}` };
  }
  return { elected: true, candidate: best.member, synchronous: setFor(operation, spec, { best: best.member, asked }) };
}

/** A recorded W of 0 promised nothing: there the lag bound has been judged at the gate. */
const mayPromote = (record: PartitionRecord, asked: readonly MemberName[]): boolean =>
  record.synchronous.required === 0 || promotionIsSafe(record.synchronous, asked);

function byPosition(a: Survivor, b: Survivor): number {
  return comparePositions(b, a) || (a.member < b.member ? -1 : 1);
}

/** The chosen member must have all that the old primary wrote before it stopped writing. */
function electPlanned(operation: Operation, spec: PartitionSpec, survivors: readonly Survivor[]): Election {
  const chosen = survivors.find((survivor) => survivor.member === operation.candidate);
  if (chosen === undefined) return { elected: false, why: `${operation.candidate} could not be detached` };
  const { mark } = operation;
  if (mark === null) return { elected: false, why: 'where the old primary stopped writing is unknown' };
  if (comparePositions(chosen, { timeline: chosen.timeline, received: mark }) < 0) {
    return { elected: false, why: `${chosen.member} stands at ${chosen.received}, the old primary at ${mark}` };
  }
  // The old primary follows too: it was stopped in good order.
  const attached = spec.members.map((member) => member.name);
  return { elected: true, candidate: chosen.member, synchronous: wantedSet(spec, chosen.member, attached) };
}

/** Where a person accepted a loss because too few are left, waiting for more would only prolong the outage. */
function setFor(
  operation: Operation,
  spec: PartitionSpec,
  { best, asked }: { best: MemberName; asked: readonly MemberName[] },
): SynchronousSet {
  const wanted = wantedSet(spec, best, asked);
  const followers = asked.filter((member) => member !== best).length;
  return operation.acceptDataLoss && followers < wanted.required ? { required: 0, members: [] } : wanted;
}
