import type { PartitionRecord } from '../../../partition/record.ts';
import type { MemberSighting } from '../../../ports.ts';
import type { MemberVolume } from '../../members/members-input.ts';
import { marksOf } from '../../members/volume-marks.ts';

/** What is left of a partition besides mail; `record` null: none is stored. */
export type Traces = {
  readonly record: PartitionRecord | null;
  /** All with the partition's labels. */
  readonly volumes: readonly MemberVolume[];
  readonly sightings: readonly Pick<MemberSighting, 'report'>[];
};

export type Past =
  /** Nobody was ever told to write to it. */
  | 'new'
  | 'served'
  /** Its servers have data, and what is stored of it is of before there were servers. */
  | 'recordMissing';

/**
 * Whether a partition may have been written to, by what outlives its servers. A record can be lost (a backup that left it out,
 * a slip of the hand), and then the absence of one proves nothing: a database that has run remembers better.
 */
export function pastOf({ record, volumes, sightings }: Traces): Past {
  if (record !== null && record.target !== null) return 'served';
  const epoch = record?.epoch ?? 0;
  const hasRunBefore = epoch === 0 && volumes.some((volume) => marksOf(volume).database !== null);
  const hasObeyedHigher = sightings.some(({ report }) => (report?.highestEpoch ?? 0) > epoch);
  return hasRunBefore || hasObeyedHigher ? 'recordMissing' : 'new';
}
