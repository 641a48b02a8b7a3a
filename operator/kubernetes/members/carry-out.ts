import type { MemberName } from '#contract/names.ts';
import { memberName } from '#contract/names.ts';
import { LABEL, type Labels } from '../../objects/labels.ts';
import { namespaceOf } from '../../objects/owned-meta.ts';
import type { MemberInput } from '../../partition/objects/member-input.ts';
import { memberLabels } from '../../partition/objects/member-labels.ts';
import { memberPod } from '../../partition/objects/member-pod.ts';
import type { ApiClient } from '../api/api-client.ts';
import { ApiError } from '../api/api-error.ts';
import { isWebhookAway } from '../api/is-webhook-away.ts';
import { type ApiObject, pods, type Resource, volumeClaims } from '../api/resource.ts';
import { FIELD_MANAGER } from '../apply/apply-object.ts';
import { deleteObject } from '../apply/delete-object.ts';
import { MANAGED_BY, missingLabels } from '../apply/missing-labels.ts';
import { type DesiredVolume, desiredVolume } from './desired-volume.ts';
import type { MemberAction } from './plan/members-plan.ts';
import { NO_ROLE } from './plan/plan-roles.ts';
import { marksOf, unmarked } from './volume-marks.ts';

/** Of the label alone, which somebody else's whole pod would take away again. */
export const ROLE_MANAGER = `${FIELD_MANAGER}-roles`;

export type ApiAction = Exclude<MemberAction, { kind: 'switchover' }>;

/** `conflict`: what was planned on is no longer so. `refused`: it cannot be had as it was asked for. */
export type Done = 'wrote' | 'conflict' | { readonly refused: string };

export type Hand = { readonly client: ApiClient; readonly build: MemberInput; readonly signal: AbortSignal };

/** One action on the API server. @throws ApiError, network errors: to be tried again */
export async function carryOut(action: ApiAction, hand: Hand): Promise<Done> {
  try {
    return await attempt(action, hand);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 409 || error.status === 404) return 'conflict';
    // Quotas, admission, storage classes that cannot grow, rights: a person has to do something.
    if (error.status === 403 || error.status === 422) return { refused: error.message };
    if (isWebhookAway(error) && !makes(action)) return { refused: error.message };
    throw error;
  }
}

/** Makes something, or lets it grow. What is made waits for nothing else of the plan, and nobody loses anything by it. */
export const makes = (action: ApiAction): action is MakingAction => MAKING.some((kind) => kind === action.kind);

const MAKING = ['createVolume', 'createPod', 'updateVolume'] as const;
export type MakingAction = Extract<ApiAction, { kind: (typeof MAKING)[number] }>;

async function attempt(action: ApiAction, hand: Hand): Promise<Done> {
  switch (action.kind) {
    case 'label':
      return await label(action, hand);
    case 'createVolume':
      return await createVolume(action, hand);
    case 'createPod':
      return await createPod(action.member, hand);
    case 'updateVolume':
      return await applyVolume({ ...known(action.volume), size: action.size }, hand);
    case 'markJoined':
      return await applyVolume(known(action.volume, { joined: true }), hand);
    case 'noteDatabase':
      return await applyVolume(known(action.volume, { database: action.database }), hand);
    case 'retire':
      return await applyVolume(known(action.volume, { retired: action.because }), hand);
    case 'deletePod':
      return await remove(pods, action.pod, hand);
    case 'deleteVolume':
      return await remove(volumeClaims, action.volume, hand);
  }
}

/** By uid: applied to a name alone it would make a new pod where the old one is gone. */
async function label({ pod, role }: Extract<ApiAction, { kind: 'label' }>, { client, signal }: Hand): Promise<Done> {
  const { name, namespace, uid } = pod.metadata;
  const metadata = { name, namespace, uid, labels: { [LABEL.role]: role ?? NO_ROLE } };
  await client.apply(pods, { metadata } as typeof pod, { manager: ROLE_MANAGER, signal });
  return 'wrote';
}

/** Data of its own are on every volume: one that is there already is never made ours by applying to its name. */
async function createVolume(
  { member, joined }: Extract<ApiAction, { kind: 'createVolume' }>,
  hand: Hand,
): Promise<Done> {
  const taken = await occupied(volumeClaims, member, hand);
  return taken ?? (await applyVolume({ member, marks: { ...unmarked, joined }, live: null }, hand));
}

async function createPod(member: MemberName, hand: Hand): Promise<Done> {
  const { client, build, signal } = hand;
  const made = await client.create(pods, memberPod(build, member, null), { signal });
  if (made.ok) return 'wrote';
  return (await occupied(pods, member, hand)) ?? 'conflict';
}

/** Who has the name; null: nobody. */
async function occupied(
  resource: Resource<ApiObject & { readonly metadata: { readonly labels?: Readonly<Record<string, string>> } }>,
  name: MemberName,
  { client, build, signal }: Hand,
): Promise<Done | null> {
  const found = await client.get(resource, { namespace: namespaceOf(build.partition), name }, { signal });
  if (found === null) return null;
  const wanted = memberLabels(build.partition, name);
  const isOurs = [LABEL.partition, LABEL.member].every((key) => found.metadata.labels?.[key] === wanted[key]);
  if (!isOurs)
    return { refused: `there is a ${resource.kind} ${name} that is not of this partition: delete or rename it` };
  const manager = found.metadata.labels?.[MANAGED_BY] ?? wanted[MANAGED_BY];
  if (manager !== wanted[MANAGED_BY])
    return { refused: `${resource.kind} ${name} says that ${manager} manages it: take its label ${MANAGED_BY} away` };
  await adopt(resource, { found, wanted }, { client, signal });
  return 'conflict';
}

/** Those who watch see what has our label: of what lost it, in a backup say, nobody would ever hear. */
async function adopt<T extends ApiObject & { readonly metadata: { readonly labels?: Labels } }>(
  resource: Resource<T>,
  { found, wanted }: { readonly found: T; readonly wanted: Labels },
  { client, signal }: Pick<Hand, 'client' | 'signal'>,
): Promise<void> {
  const { name, namespace, uid } = found.metadata;
  const labels = missingLabels(found.metadata.labels, wanted);
  if (labels === null) return;
  await client.merge(resource, { metadata: { name, namespace, uid, labels } as ApiObject['metadata'] }, { signal });
}

const known = (live: DesiredVolume['live'] & object, marks: Partial<DesiredVolume['marks']> = {}): DesiredVolume => ({
  member: memberName(live.metadata.name),
  marks: { ...marksOf(live), ...marks },
  live,
  size: live.spec?.resources?.requests?.storage ?? '',
});

async function applyVolume(desired: DesiredVolume, { client, build, signal }: Hand): Promise<Done> {
  await client.apply(volumeClaims, desiredVolume(build, desired), { manager: FIELD_MANAGER, signal });
  return 'wrote';
}

async function remove<T extends ApiObject>(resource: Resource<T>, seen: T, { client, signal }: Hand): Promise<Done> {
  const outcome = await deleteObject(client, { resource, seen, signal });
  return outcome === 'changed' ? 'conflict' : 'wrote';
}
