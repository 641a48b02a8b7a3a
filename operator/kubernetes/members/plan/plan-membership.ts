import type { MemberName } from '#contract/names.ts';
import { freeNames } from '../member-numbers.ts';
import type { RetiredBecause } from './members-plan.ts';
import { heldNames, isGoing, isStarted, type MemberFacts, type Survey } from './survey.ts';

/** Who is a member: for the core, and to be made or given up. */
export type Membership = {
  /** For the core. */
  readonly listed: readonly MemberName[];
  /** Volumes to be made. */
  readonly fresh: readonly MemberName[];
  /** The one that is given up at present: first no longer listed, then, once the core does without it, retired. */
  readonly leaving: MemberFacts | null;
  readonly retire: RetiredBecause | null;
};

/**
 * Too few members: new ones, in place of those that are lost as well. Too many: one after the other is given up, the lost
 * ones first, then the highest number, and only while all that stay stream from the primary. Nobody is given up who serves,
 * or has a part in a change of primary.
 *
 *   living   all others stream ─▶ not listed ─▶ in no synchronous set, read by nobody ─▶ retired
 *   lost     its successor runs ─▶ not listed ─▶ all others stream ─▶ retired
 *
 * One lost, one new: the list never grows by a member that is not there, for a majority of more would have to acknowledge.
 */
export function planMembership(survey: Survey): Membership {
  const { members, record } = survey;
  const fresh = freshMembers(survey);
  // Before there is a primary all have to be there: the first is made, and the others are copied from it, in one go.
  if (record === null || record.primary === null) {
    return { listed: [...members.map(nameOf), ...fresh], fresh, leaving: null, retire: null };
  }
  const leaving = leaver(survey);
  const unlisted = [...succeeded(survey), ...(leaving !== null && mayBeUnlisted(leaving, survey) ? [leaving] : [])];
  const able = members.filter((member) => mustBeListed(member, survey) || isFit(member));
  return {
    listed: able.filter((member) => !unlisted.includes(member)).map(nameOf),
    fresh,
    leaving,
    retire: leaving === null ? null : retirement(leaving, survey, unlisted.includes(leaving)),
  };
}

/** Lost ones in whose place others run. One with a history of its own is waited for until those others have it all. */
function succeeded(survey: Survey): readonly MemberFacts[] {
  const { members, wanted, calm } = survey;
  const able = members.filter((member) => mustBeListed(member, survey) || isFit(member));
  const lost = able.filter((member) => member.lost && !mustBeListed(member, survey));
  return calm ? lost.toReversed().slice(0, Math.max(0, able.length - wanted)) : [];
}

const nameOf = ({ name }: MemberFacts): MemberName => name;

/** A newcomer is no use to the core before there is an agent to talk to, and its absence would only count against it. */
const isFit = (member: MemberFacts): boolean => member.marks.joined || member.listed || isStarted(member);

const mustBeListed = ({ name, rejoining }: MemberFacts, { record }: Survey): boolean =>
  rejoining || heldNames(record).includes(name);

function freshMembers(survey: Survey): readonly MemberName[] {
  const { members, retired, record, wanted, partition, calm } = survey;
  if (record !== null && record.operation !== null) return [];
  // The record's primary without a volume: the core has to see with its own eyes that nothing is left.
  const bare = members.filter(({ volume }) => volume === null).map(nameOf);
  // Until there is a primary nobody can be copied, so nobody can be replaced.
  const sound = record?.primary == null ? members.length : members.filter(({ lost }) => !lost).length;
  const isReplacement = members.length >= wanted;
  if (isReplacement && !calm) return bare;
  const taken = new Set<string>([...members, ...retired].map(nameOf));
  return [...bare, ...freeNames(partition, taken, Math.max(0, wanted - sound))];
}

/** Who is given up next; null: nobody, or not now. */
function leaver(survey: Survey): MemberFacts | null {
  const { members, retired, record, wanted, calm } = survey;
  if (!calm || members.length <= wanted) return null;
  // Once its pod is told to end, the next one that was already taken off the list would be put back for that time.
  const isUnderWay = retired.some(({ pod, lost }) => pod !== null && !lost) || members.some(isGoing);
  if (isUnderWay) return null;
  const held = heldNames(record);
  const free = members.filter(({ name }) => !held.includes(name));
  const lost = free.filter((member) => member.lost);
  const idle = free.filter((member) => !isFit(member));
  const deleted = free.filter(({ volume }) => volume?.metadata.deletionTimestamp !== undefined);
  // One that is on its way back is given up when it is there.
  return lost.at(-1) ?? idle.at(-1) ?? deleted.at(-1) ?? free.findLast(({ rejoining }) => !rejoining) ?? null;
}

function mayBeUnlisted(leaving: MemberFacts, survey: Survey): boolean {
  if (!isFit(leaving)) return true;
  // Once it is off the list nobody remembers what it may hold: the mark on its volume comes first.
  if (leaving.lost && mayHoldMail(leaving, survey)) return false;
  // The lost ones: see above.
  return (!leaving.lost || leaving.rejoining) && othersStream(leaving, survey);
}

/** A lost one with a history of its own may come back as long as it is not retired; so that waits for all the others. */
function retirement(leaving: MemberFacts, survey: Survey, isUnlisted: boolean): RetiredBecause | null {
  if (!isFit(leaving)) return 'ScaledDown';
  if (!othersStream(leaving, survey)) return null;
  if (leaving.lost && mayHoldMail(leaving, survey)) return 'Unsalvaged';
  if (!isUnlisted || !isForgotten(leaving.name, survey)) return null;
  return leaving.lost ? 'Lost' : 'ScaledDown';
}

/** It has served, and nobody has looked yet what only it has. */
function mayHoldMail({ name }: MemberFacts, { record }: Survey): boolean {
  const entry = record?.rejoining.find(({ member }) => member === name);
  return entry !== undefined && entry.lastEpoch > 0 && (entry.step === 'follow' || entry.step === 'salvage');
}

const others = ({ name }: MemberFacts, { members }: Survey): readonly MemberFacts[] =>
  members.filter((other) => other.name !== name);

/** Whoever is lost as well is waited for by nobody. */
const othersStream = (leaving: MemberFacts, survey: Survey): boolean =>
  others(leaving, survey)
    .filter(({ lost }) => !lost)
    .every(({ name, streams, rejoining }) => name === survey.record?.primary || (streams && !rejoining));

/** No commit waits for it, nobody reads from it, the core has no line for it. */
export function isForgotten(name: MemberName, { record }: Survey): boolean {
  if (record === null || record.primary === null || record.operation !== null) return false;
  return (
    !record.synchronous.members.includes(name) &&
    !record.members.some((line) => line.name === name) &&
    record.target?.readers.includes(name) !== true
  );
}
