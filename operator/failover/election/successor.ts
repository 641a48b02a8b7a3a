import type { MemberName } from '#contract/names.ts';
import { wantedSet } from '../../partition/synchronous-set.ts';
import type { EvidenceInput } from '../observation/evidence.ts';
import { isReplica, type MemberObservation, streamsFrom } from '../observation/observation.ts';
import { isLeaving } from '../observation/platform-word.ts';

/** Replicas that could take over from a primary that lives: the one that has been prepared for it, then the closest first. */
export function fitReplicas(
  primary: MemberName,
  { record, observation }: Pick<EvidenceInput, 'record' | 'observation'>,
): readonly MemberObservation[] {
  const { preparation, lagSeconds } = observation;
  const lagOf = ({ name }: MemberObservation): number => lagBehind(name, lagSeconds);
  const isPrepared = ({ name }: MemberObservation): boolean => preparation?.to === name;
  return [...observation.members.values()]
    .filter((member) => isReplica(member) && streamsFrom(member, primary) && !isLeaving(member))
    .filter((member) => !record.rejoining.some((entry) => entry.member === member.name))
    .toSorted((a, b) => Number(isPrepared(b)) - Number(isPrepared(a)) || lagOf(a) - lagOf(b));
}

/** Just started, nobody knows it yet; asked again a second later, it is known. */
const lagBehind = (name: MemberName, lagSeconds: ReadonlyMap<MemberName, number>): number =>
  lagSeconds.get(name) ?? Number.POSITIVE_INFINITY;

/** The change would take too long: whoever waits for it to catch up has no writer meanwhile. */
export const isTooFarBehind = (name: MemberName, { observation, spec }: EvidenceInput): boolean =>
  lagBehind(name, observation.lagSeconds) > Math.max(1, spec.failover.maxLostSeconds);

/**
 * Who takes over from a primary that is about to end, or why nobody does. Those that stay have to be enough for the promise of
 * the successor: without them it would acknowledge nothing, while the old primary, until it ends, still does.
 */
export function successorOf(
  primary: MemberName,
  input: EvidenceInput,
): { readonly to: MemberName } | { readonly why: string } {
  const { spec } = input;
  const fit = fitReplicas(primary, input).map(({ name }) => name);
  const to = fit.find((name) => !isTooFarBehind(name, input));
  if (to === undefined) return { why: `${primary} is about to end, and no replica is close enough to take over` };
  const others = fit.filter((name) => name !== to);
  const { required, members } = wantedSet(spec, to, others);
  const following = members.filter((name) => others.includes(name)).length;
  return following >= required
    ? { to }
    : { why: `${primary} is about to end, and too few would follow ${to}: ${following} of ${required}` };
}
