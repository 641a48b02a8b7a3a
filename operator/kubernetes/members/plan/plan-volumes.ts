import { isDeepStrictEqual } from 'node:util';
import type { MemberName } from '#contract/names.ts';
import { canonicalQuantity } from '../../../objects/canonical-quantity.ts';
import { managedOf } from '../../../partition/objects/member-input.ts';
import { isLess } from '../is-less.ts';
import { isRefused } from '../is-refused.ts';
import type { MemberVolume } from '../members-input.ts';
import { databaseImageOf } from '../pod-state.ts';
import type { MemberAction } from './members-plan.ts';
import type { MemberFacts, Survey } from './survey.ts';

/** Volumes as the spec wants them: larger where it says so, never smaller; collected with the partition or not. */
export function planVolumes(survey: Survey): readonly MemberAction[] {
  return survey.members.flatMap((member): readonly MemberAction[] => {
    const { name, volume } = member;
    if (volume === null || volume.metadata.deletionTimestamp !== undefined) return [];
    const updates = update(name, volume, survey);
    if (hasJoined(member, survey)) return [...updates, { kind: 'markJoined', volume }];
    // Each writes the volume whole as it was seen: what is new in one of them another would take back.
    return updates.length > 0 ? updates : noted(member, volume, survey);
  });
}

function update(name: MemberName, volume: MemberVolume, { input }: Survey): readonly MemberAction[] {
  const size = wantedSize(volume, input.build.partition);
  const isDue = size !== sizeOf(volume) || isOwned(volume) !== (managedOf(input.build.partition).reclaim === 'Delete');
  if (!isDue || isRefused({ of: 'updateVolume', member: name, asked: size }, input)) return [];
  return [{ kind: 'updateVolume', member: name, volume, size }];
}

/** Only what is bound can grow, and nothing can shrink: elsewhere it stays as it is. */
export function wantedSize(volume: MemberVolume, partition: Parameters<typeof managedOf>[0]): string {
  const wanted = canonicalQuantity(managedOf(partition).storage.size);
  const current = sizeOf(volume);
  return volume.status?.phase === 'Bound' && isLess(current, wanted) ? wanted : current;
}

export const sizeOf = ({ spec }: MemberVolume): string => spec?.resources?.requests?.storage ?? '';

const isOwned = ({ metadata }: MemberVolume): boolean => (metadata.ownerReferences ?? []).length > 0;

/** It has been seen to have all that the primary has. */
function hasJoined({ name, marks, streams, rejoining, listed }: MemberFacts, { record, calm }: Survey): boolean {
  if (marks.joined || !calm || rejoining || !listed) return false;
  return streams || name === record?.primary;
}

/** A server of the asked image runs on it: what else it may be made to run on must be of that major version. */
function noted(
  member: MemberFacts,
  volume: MemberVolume,
  survey: Survey,
): readonly Extract<MemberAction, { kind: 'noteDatabase' }>[] {
  const { image, majorVersion } = survey.input.build.database;
  const { sighting, marks, pod } = member;
  const report = sighting?.connected === true ? sighting.report : null;
  const runs = pod !== null && databaseImageOf(pod) === image && report?.state === 'running';
  if (!runs || Number.parseInt(report.serverVersion ?? '', 10) !== majorVersion) return [];
  const database = { image, majorVersion };
  return isDeepStrictEqual(marks.database, database) ? [] : [{ kind: 'noteDatabase', volume, database }];
}
