import type { MemberName } from '#contract/names.ts';
import { ANNOTATION } from '../../../objects/labels.ts';
import { askedOf } from '../../../partition/objects/asked-of.ts';
import { managedOf } from '../../../partition/objects/member-input.ts';
import { memberPod } from '../../../partition/objects/member-pod.ts';
import type { MemberPod, MembersInput } from '../members-input.ts';
import { podProblem } from '../pod-problem.ts';
import { askedHashOf, databaseImageOf, hasEnded, isLeaving, isReady, isRunning, podHashOf } from '../pod-state.ts';
import type { MemberAction } from './members-plan.ts';
import { isGoing, type MemberFacts, type Survey } from './survey.ts';

/** What is still to be done about pods that are there: at most one is taken away, and never while another is away. */
export type Replacement = {
  readonly actions: readonly MemberAction[];
  readonly waiting: Waiting | null;
};

export type Waiting = {
  readonly reason: 'RollingOut' | 'SwitchingOver' | 'DrainBlocked' | 'VolumeGoing';
  readonly message: string;
};

const NOTHING: Replacement = { actions: [], waiting: null };

/** In this order: off a node that is being drained, what does not work at all, then one by one what people want otherwise. */
export function planReplacement(survey: Survey): Replacement {
  return leaveNode(survey) ?? replaceUseless(survey) ?? rollOut(survey) ?? NOTHING;
}

/** The budget keeps a drain from evicting the primary; so somebody else has to become it. Replicas are evicted one by one. */
function leaveNode(survey: Survey): Replacement | null {
  const { members, record, calm } = survey;
  const primary = members.find(({ name }) => name === record?.primary);
  if (primary === undefined || !primary.drained || primary.lost || members.length === 1) return null;
  const where = `the primary ${primary.name} is on a node that is being drained`;
  const to = calm ? successor(survey, (member) => !member.drained) : null;
  if (to !== null) return switchTo(to, where);
  const message = `${where}, and no replica that streams is on another: its eviction waits until there is one`;
  return { actions: [], waiting: { reason: 'DrainBlocked', message } };
}

/** The closest replica that could serve at once. */
function successor(survey: Survey, fits: (member: MemberFacts) => boolean): MemberFacts | null {
  const able = survey.members.filter(
    (member) =>
      member.streams && member.listed && !member.rejoining && member.pod !== null && isWhole(member) && fits(member),
  );
  const lagOf = ({ sighting }: MemberFacts): number => sighting?.lagSeconds ?? Number.POSITIVE_INFINITY;
  return able.toSorted((a, b) => lagOf(a) - lagOf(b))[0] ?? null;
}

function switchTo({ name }: MemberFacts, because: string): Replacement {
  const message = `${because}: switching over to ${name}`;
  return {
    actions: [{ kind: 'switchover', to: name, because }],
    waiting: { reason: 'SwitchingOver', message },
  };
}

/**
 * A pod of which something else is asked for now and whose database does not run, because its image cannot be pulled, or a setting is
 * wrong: it is of no use to anybody, so that nothing is taken away with it. Without this a mistake could not be mended. One that is
 * merely of an older make has to be past hope: what starts again by itself is left to do so.
 */
function replaceUseless(survey: Survey): Replacement | null {
  const useless = survey.members.find(
    (member) =>
      (isOutdated(member, survey) && isUseless(member, survey)) ||
      (isOfOlderMake(member, survey) && cannotRun(member, survey)),
  );
  if (useless === undefined || isSomebodyAway(survey)) return null;
  return replace(useless, `${useless.name} does not run and is of an older make`, survey);
}

function cannotRun({ pod, lost }: MemberFacts, { input }: Survey): boolean {
  if (pod === null || lost || isLeaving(pod) || hasEnded(pod) || isRunning(pod)) return false;
  return podProblem(pod, input.build.database.binDirectory) !== null;
}

function isUseless({ name, pod, sighting, lost }: MemberFacts, { members, record }: Survey): boolean {
  if (pod === null || lost || isLeaving(pod) || hasEnded(pod)) return false;
  if (!isRunning(pod)) return true;
  const report = sighting?.connected === true ? sighting.report : null;
  const isDown = report?.state === 'exited' || report?.state === 'stopped';
  if (!isDown || record === null || record.operation !== null) return false;
  // Whether the primary's server is started again in place is the core's affair, where it has a choice.
  return name !== record.primary || members.length === 1 || record.phase === 'Blocked';
}

/** Only while all is well: replicas one at a time, then another primary, then the old one. */
function rollOut(survey: Survey): Replacement | null {
  const { members, record } = survey;
  const outdated = members.filter((member) => isOutdated(member, survey));
  if (outdated.length === 0) return null;
  const hindrance = hindranceOf(survey);
  if (hindrance !== null) {
    const message = `${outdated.map(({ name }) => name).join(', ')} of an older make: replaced once ${hindrance}`;
    return { actions: [], waiting: { reason: 'RollingOut', message } };
  }
  const replica = outdated.findLast(({ name }) => name !== record?.primary);
  if (replica !== undefined) return replace(replica, `${replica.name} is of an older make`, survey);
  const [primary] = outdated;
  if (primary === undefined) return null;
  if (members.length === 1) return replace(primary, `${primary.name} is of an older make`, survey);
  const to = successor(survey, () => true);
  return to === null ? null : switchTo(to, `the primary ${primary.name} is of an older make`);
}

function replace({ name, pod, volume }: MemberFacts, why: string, { members, record }: Survey): Replacement {
  if (pod === null) return NOTHING;
  // Somebody has deleted the claim, and nothing but this pod still holds it.
  const isOnlyCopy = members.length === 1 && record?.primary === name;
  if (isOnlyCopy && volume?.metadata.deletionTimestamp !== undefined) {
    const message = `${why}, and keeps its pod: the claim ${volume.metadata.name} is being deleted and would go with it, and there is no other copy`;
    return { actions: [], waiting: { reason: 'VolumeGoing', message } };
  }
  const message = `${why}: ${name} is made anew`;
  return { actions: [{ kind: 'deletePod', pod, because: 'Outdated' }], waiting: { reason: 'RollingOut', message } };
}

/** What has to be so before a pod that works may be taken away, in words; null where it is. */
function hindranceOf(survey: Survey): string | null {
  const { members, record, wanted, calm } = survey;
  if (record === null || record.primary === null) return 'there is a primary';
  if (record.operation !== null || !calm) return 'no change of primary is under way';
  if (record.phase !== 'Healthy' || record.rejoining.length > 0) return 'the partition is Healthy';
  if (members.length !== wanted || isSomebodyAway(survey)) return 'all members are there';
  const unready = members.find((member) => !isWhole(member) || !member.listed);
  if (unready !== undefined) return `${unready.name} is ready`;
  const behind = members.find(({ name, streams }) => name !== record.primary && !streams);
  return behind === undefined ? null : `${behind.name} streams`;
}

/** A pod has gone, or is going, and the next must not before it is back. */
export const isSomebodyAway = ({ members, retired }: Survey): boolean =>
  members.some((member) => !member.lost && (member.pod === null || hasEnded(member.pod) || isGoing(member))) ||
  retired.some(isGoing);

const isWhole = ({ pod }: MemberFacts): boolean => pod !== null && isRunning(pod) && isReady(pod) && !isLeaving(pod);

/** One that nobody wrote a hash on was not made by us, or was tampered with: made anew like any other. */
export const isOfOlderMake = ({ name, pod }: MemberFacts, { input }: Survey): boolean =>
  pod !== null && podHashOf(pod) !== podHashFor(name, input);

/**
 * What people ask for now is something else; or, where that is wanted, what this operator would make of it is. By itself an
 * upgrade of the operator replaces no database that runs.
 */
function isOutdated(member: MemberFacts, survey: Survey): boolean {
  const { pod } = member;
  const { build, rollsUpgrades } = survey.input;
  if (pod === null) return false;
  if (isAskedOtherwise(pod, build) || isOfOtherImage(pod, build)) return true;
  return rollsUpgrades && isOfOlderMake(member, survey);
}

/** Of pods of before nobody knows what was asked for then. */
function isAskedOtherwise(pod: MemberPod, build: MembersInput['build']): boolean {
  const then = askedHashOf(pod);
  return then === undefined ? podHashOf(pod) === undefined : then !== askedOf(build);
}

/** Than the spec names: where it names none, the one that runs is as good as the operator's. */
const isOfOtherImage = (pod: MemberPod, { partition, database }: MembersInput['build']): boolean =>
  managedOf(partition).image !== undefined && databaseImageOf(pod) !== database.image;

export const podHashFor = (member: MemberName, { build }: Pick<MembersInput, 'build'>): string =>
  hashes
    .getOrInsertComputed(build, () => new Map<MemberName, string>())
    .getOrInsertComputed(member, () => memberPod(build, member, null).metadata.annotations?.[ANNOTATION.podHash] ?? '');

/** Of what was built: a plan asks for each several times, and it is most of its work. */
const hashes = new WeakMap<MembersInput['build'], Map<MemberName, string>>();
