import type { ConditionType, ReasonOf } from '#crds/condition-table.ts';
import { canonicalQuantity } from '../../objects/canonical-quantity.ts';
import { RESTART_ANNOTATION } from '../../objects/labels.ts';
import { managedOf } from '../../partition/objects/member-input.ts';
import { partitionNames } from '../../partition/objects/partition-names.ts';
import { isLess } from './is-less.ts';
import { memberProblem, refusalOf } from './member-problem.ts';
import type { Refusal } from './members-input.ts';
import type { MemberCondition } from './plan/members-plan.ts';
import type { Membership } from './plan/plan-membership.ts';
import { isOfOlderMake, type Replacement } from './plan/plan-replacement.ts';
import { sizeOf } from './plan/plan-volumes.ts';
import type { MemberFacts, Survey } from './plan/survey.ts';
import { PROBLEM_REASONS, type Problem } from './pod-problem.ts';

/**
 *   MembersReady    each of the wanted members does its part
 *   MembersSettled  nothing is left to be done: no member to be made, given up or replaced
 *   VolumesSized    every volume is as large as the spec says
 */
export function membersConditions(
  survey: Survey,
  membership: Membership,
  replacement: Replacement,
): readonly MemberCondition[] {
  return [ready(survey, membership), settled(survey, membership, replacement), sized(survey)];
}

const judge = <T extends ConditionType>(
  type: T,
  holds: boolean,
  [reason, message]: readonly [ReasonOf<T>, string],
): MemberCondition => ({
  type,
  status: holds ? 'True' : 'False',
  reason,
  message,
});

function ready(survey: Survey, { fresh }: Membership): MemberCondition {
  const { members, wanted } = survey;
  const missing = recordMissing(survey);
  const unmade = fresh.flatMap((name) => refusalOf(name, survey.input) ?? []);
  const each = [...members.flatMap((member) => memberProblem(member, survey) ?? []), ...unmade];
  const problems = missing === null ? each : [missing, ...each];
  const rank = ({ reason }: Problem): number => PROBLEM_REASONS.indexOf(reason);
  const [first, ...more] = problems.toSorted((a, b) => rank(a) - rank(b));
  if (first !== undefined) {
    return judge('MembersReady', false, [first.reason, [first, ...more].map(({ message }) => message).join('; ')]);
  }
  if (members.length < wanted) {
    return judge('MembersReady', false, ['Starting', `${members.length} of ${wanted} members are there`]);
  }
  return judge('MembersReady', true, ['AllReady', `${members.map(({ name }) => name).join(', ')}`]);
}

/**
 * Volumes were kept, the record was not: by what the agents remember there was a primary, and only the record could say which.
 * The core does nothing then (`RecordBehind`), for the first that came along could lack what was acknowledged.
 */
function recordMissing({ record, members, input }: Survey): Problem | null {
  if (record !== null && record.epoch > 0) return null;
  const epochOf = (name: string): number => members.find((m) => m.name === name)?.sighting?.report?.highestEpoch ?? 0;
  const known = members.filter(({ name }) => epochOf(name) > 0);
  if (known.length === 0) return null;
  const highest = Math.max(...known.map(({ name }) => epochOf(name)));
  const { record: configMap } = partitionNames(input.build.partition);
  const who = known.map(({ name }) => name).join(', ');
  const message =
    `${who} hold data of epoch ${highest}, and there is no record of it: put the ConfigMap ${configMap} back, ` +
    'or delete the volumes to begin without these mails';
  return { reason: 'RecordMissing', message };
}

function settled(survey: Survey, membership: Membership, { waiting }: Replacement): MemberCondition {
  const { members, wanted, input, retired } = survey;
  const { fresh, leaving } = membership;
  const unsettled = (reason: ReasonOf<'MembersSettled'>, message: string): MemberCondition =>
    judge('MembersSettled', false, [reason, message]);
  if (input.build.partition.spec.paused)
    return unsettled('Paused', 'spec.paused: no member is made, replaced or deleted');
  const lost = members.filter((member) => member.lost).map(({ name }) => name);
  if (lost.length > 0) return unsettled('ReplacingLost', `${lost.join(', ')} is lost, another takes its place`);
  if (waiting !== null) return unsettled(waiting.reason, waiting.message);
  if (fresh.length > 0) return unsettled('ScalingUp', `${fresh.join(', ')} is made`);
  if (leaving !== null)
    return unsettled('ScalingDown', `${leaving.name} is given up once the others can do without it`);
  if (members.length > wanted) {
    return unsettled('ScalingDown', `${members.length} members, ${wanted} wanted: waits until the others stream`);
  }
  const newcomers = members.filter(({ marks }) => !marks.joined).map(({ name }) => name);
  if (newcomers.length > 0) return unsettled('ScalingUp', `${newcomers.join(', ')} has not joined yet`);
  const left = retired.filter(isLeft);
  if (left.length > 0) return unsettled('ScalingDown', `what is left of ${left.map(({ name }) => name).join(', ')}`);
  if (input.declined != null) return unsettled('VersionKept', input.declined);
  return judge('MembersSettled', true, ['Settled', makesOf(survey)]);
}

/** An upgrade of the operator replaces nobody by itself. */
function makesOf(survey: Survey): string {
  const older = survey.members.filter((member) => isOfOlderMake(member, survey)).map(({ name }) => name);
  if (older.length === 0) return 'every member is as asked for, and of the newest make';
  return `every member is as asked for; ${older.join(', ')} of an older make until made anew: at once by the annotation ${RESTART_ANNOTATION}`;
}

/** Of one that was lost nothing can be tidied up before its node is back. */
const isLeft = ({ pod, volume, marks, lost }: MemberFacts): boolean =>
  (pod !== null && !lost) || (volume !== null && marks.retired === 'ScaledDown');

function sized({ members, input }: Survey): MemberCondition {
  const wanted = canonicalQuantity(managedOf(input.build.partition).storage.size);
  const isRefused = ({ of, asked }: Refusal): boolean => of === 'updateVolume' && asked === wanted;
  const refused = members.find(({ name }) =>
    [input.refusals.get(name)].some((one) => one !== undefined && isRefused(one)),
  );
  if (refused !== undefined) {
    const { message = '' } = input.refusals.get(refused.name) ?? {};
    const todo = 'take a storage class with allowVolumeExpansion, or put storage.size back';
    return judge('VolumesSized', false, ['VolumeResizeRefused', `${refused.name}: ${message}: ${todo}`]);
  }
  const growing = members.filter(
    ({ volume }) => volume !== null && isGrowing(volume.status?.capacity?.storage, sizeOf(volume)),
  );
  if (growing.length > 0) {
    const names = growing.map(({ name }) => name).join(', ');
    return judge('VolumesSized', false, ['Growing', `${names} to ${wanted}`]);
  }
  return judge('VolumesSized', true, ['Sized', wanted]);
}

/** What it has, once it has something, is less than what it asks for. A class may give more. */
const isGrowing = (has: string | undefined, asks: string): boolean => has !== undefined && isLess(has, asks);
