import { canonicalQuantity } from '../../../objects/canonical-quantity.ts';
import { managedOf } from '../../../partition/objects/member-input.ts';
import { isRefused } from '../is-refused.ts';
import { memberSpecs } from '../member-specs.ts';
import { membersConditions } from '../members-conditions.ts';
import type { MembersInput } from '../members-input.ts';
import { hasEnded, isLeaving } from '../pod-state.ts';
import { mayReplicasGo } from './may-replicas-go.ts';
import type { MemberAction, MembersPlan } from './members-plan.ts';
import { isForgotten, type Membership, planMembership } from './plan-membership.ts';
import { isSomebodyAway, planReplacement, podHashFor, type Replacement } from './plan-replacement.ts';
import { planRoles } from './plan-roles.ts';
import { planVolumes } from './plan-volumes.ts';
import { type MemberFacts, type Survey, survey } from './survey.ts';
import { whenToLook } from './when-to-look.ts';

/** What happens to the members of a managed partition now. Pure: the same input always plans the same. */
export function planMembers(input: MembersInput): MembersPlan {
  const seen = survey(input);
  const { paused } = input.build.partition.spec;
  const membership = planMembership(seen);
  const replacement: Replacement = paused ? { actions: [], waiting: null } : planReplacement(seen);
  // What a label says is merely what is so, paused or not: a change of primary that is under way is finished.
  const roles = planRoles(seen);
  const actions = [...roles, ...(paused ? [] : lifeActions(seen, membership, replacement))];
  return {
    members: memberSpecs(paused ? withoutFresh(membership) : membership.listed, input),
    actions,
    conditions: membersConditions(seen, membership, replacement),
    evictable: { replicasMayGo: mayReplicasGo(seen, roles), members: seen.members.length },
    againMs: whenToLook(seen, { membership, replacement, actions }),
  };
}

const withoutFresh = ({ listed, fresh }: Membership) => listed.filter((name) => !fresh.includes(name));

function lifeActions(seen: Survey, membership: Membership, replacement: Replacement): readonly MemberAction[] {
  const given = givenUp(seen, membership);
  // Two takings at once are one too many, whatever they are for.
  const taken = given.some(({ kind }) => kind === 'deletePod') ? [] : replacement.actions;
  return [...made(seen, membership), ...planVolumes(seen), ...renewed(seen), ...given, ...taken];
}

/** Volumes and pods that are missing. A pod is made anew on its volume, under its name: nobody but us knows that it is another. */
function made(seen: Survey, { fresh }: Membership): readonly MemberAction[] {
  const { input, members, record } = seen;
  const asked = canonicalQuantity(managedOf(input.build.partition).storage.size);
  const volumes = fresh
    .filter((member) => !isRefused({ of: 'createVolume', member, asked }, input))
    .map((member): MemberAction => ({ kind: 'createVolume', member, joined: record?.primary == null }));
  const bare = members.filter(({ pod, volume }) => pod === null && volume !== null && !isOnItsWay(volume));
  const pods = [...fresh, ...bare.map(({ name }) => name)]
    .filter((member) => !seen.input.pods.some(({ metadata }) => metadata.name === member))
    .filter((member) => !isRefused({ of: 'createPod', member, asked: podHashFor(member, input) }, input))
    .map((member): MemberAction => ({ kind: 'createPod', member }));
  return [...volumes, ...pods];
}

const isOnItsWay = ({ metadata }: NonNullable<MemberFacts['volume']>): boolean =>
  metadata.deletionTimestamp !== undefined;

/** Nothing runs in them any more; in their place new ones are made. */
const renewed = ({ members }: Survey): readonly MemberAction[] =>
  members.flatMap(({ pod }): readonly MemberAction[] =>
    pod !== null && hasEnded(pod) && !isLeaving(pod) ? [{ kind: 'deletePod', pod, because: 'Ended' }] : [],
  );

/** First the mark, then the pod, once the core does without it, and last the volume. */
function givenUp(seen: Survey, { leaving, retire }: Membership): readonly MemberAction[] {
  const mark: readonly MemberAction[] =
    leaving === null || leaving.volume === null || retire === null
      ? []
      : [{ kind: 'retire', volume: leaving.volume, because: retire }];
  const gone = seen.retired.filter(({ name }) => isForgotten(name, seen));
  const pod = gone.map((member) => member.pod).find((each) => each !== null && !isLeaving(each));
  const pods: readonly MemberAction[] =
    pod == null || isSomebodyAway(seen) ? [] : [{ kind: 'deletePod', pod, because: 'Retired' }];
  const volumes = gone.flatMap((member): readonly MemberAction[] => {
    const { volume } = member;
    return volume !== null && isUnwanted(member, seen) ? [{ kind: 'deleteVolume', volume }] : [];
  });
  return [...mark, ...pods, ...volumes];
}

/** What a member had that was given up in good order, the others have too. */
function isUnwanted({ pod, volume, marks }: MemberFacts, { input }: Survey): boolean {
  if (pod !== null || volume === null || isOnItsWay(volume)) return false;
  if (marks.retired === 'ScaledDown') return true;
  return marks.retired === 'Lost' && managedOf(input.build.partition).reclaim === 'Delete';
}
