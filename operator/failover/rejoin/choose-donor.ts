import type { MemberName } from '#contract/names.ts';
import { comparePositions, type LogPosition } from '../../engine/compare-positions.ts';
import { othersThan, type PartitionSpec } from '../../partition/partition-spec.ts';
import type { PartitionRecord } from '../../partition/record.ts';
import { type MemberObservation, type Observation, streamsFrom } from '../observation/observation.ts';

export type DonorInput = {
  readonly spec: PartitionSpec;
  readonly record: PartitionRecord;
  readonly members: Observation['members'];
};

/**
 * The replica of which a member is copied, so that the disk and the network of the primary are spared; null: the primary itself.
 * One that is well, on the primary's timeline, and nobody's donor yet where there is a choice; of these the one that has
 * received most. While the primary changes nobody knows whose log goes on.
 */
export function chooseDonor(member: MemberName, { spec, record, members }: DonorInput): MemberName | null {
  const { primary, operation, rejoining } = record;
  // Servers that somebody else runs are not copied by us.
  if (primary === null || operation !== null || spec.control === 'sql') return null;
  const timeline = members.get(primary)?.report?.replication?.timeline;
  const able = othersThan(spec, primary).flatMap(({ name }) => {
    const replica = members.get(name);
    const isAway = name === member || rejoining.some((entry) => entry.member === name);
    if (isAway || replica === undefined || !streamsFrom(replica, primary) || isLeaving(replica)) return [];
    const position = positionOf(replica);
    return position === null || position.timeline !== timeline ? [] : [{ name, position }];
  });
  // Who was it before an operator was restarted is copied still.
  const before = rejoining.find((entry) => entry.member === member)?.donor;
  const burden = (name: MemberName): number => {
    if (name === before) return -1;
    return rejoining.filter((entry) => entry.step === 'clone' && entry.donor === name).length;
  };
  const [first] = able.toSorted((a, b) => burden(a.name) - burden(b.name) || comparePositions(b.position, a.position));
  return first?.name ?? null;
}

const isLeaving = ({ report, platform }: MemberObservation): boolean =>
  report?.leaving === true || (platform != null && platform.state !== 'there' && platform.state !== 'unknown');

function positionOf({ report }: MemberObservation): LogPosition | null {
  const replication = report?.replication ?? null;
  return replication === null ? null : { timeline: replication.timeline, received: replication.received };
}
