import { type MemberName, memberName } from '#contract/names.ts';
import { mayLack, streamsFrom } from '../../../failover/observation/observation.ts';
import { managedOf } from '../../../partition/objects/member-input.ts';
import type { MemberNow } from '../../../partition/partition-view.ts';
import type { PartitionRecord } from '../../../partition/record.ts';
import { isDrained } from '../is-drained.ts';
import { lostSince } from '../lost-since.ts';
import { numberOf } from '../member-numbers.ts';
import type { MemberPod, MembersInput, MemberVolume } from '../members-input.ts';
import { isLeaving, isRunning } from '../pod-state.ts';
import { marksOf, unmarked, type VolumeMarks } from '../volume-marks.ts';

/** What is there under one name, and what the core knows of it. */
export type MemberFacts = {
  readonly name: MemberName;
  readonly volume: MemberVolume | null;
  readonly marks: VolumeMarks;
  readonly pod: MemberPod | null;
  /** Its node has been away for so long that another member takes its place. */
  readonly lost: boolean;
  /** When that will be so, as things are; null while its node is there. Milliseconds since 1970. */
  readonly lostAt: number | null;
  readonly drained: boolean;
  readonly sighting: MemberNow | null;
  /** Receives from the record's primary, right now, and has all that it has acknowledged. */
  readonly streams: boolean;
  /** On its way back. */
  readonly rejoining: boolean;
  /** The core counts it among its members. */
  readonly listed: boolean;
};

/** The input, put in order: by member. */
export type Survey = {
  readonly input: MembersInput;
  readonly partition: string;
  readonly wanted: number;
  readonly record: PartitionRecord | null;
  /** Who is a member by its volume, or by the record's word, by number. */
  readonly members: readonly MemberFacts[];
  /** Whose volume, or what is left of them, is no member's any more. */
  readonly retired: readonly MemberFacts[];
  /** The primary is in contact and no change is under way. */
  readonly calm: boolean;
};

export function survey(input: MembersInput): Survey {
  const { record, build } = input;
  const partition = build.partition.metadata.name;
  const named = [...input.volumes, ...input.pods].map(({ metadata }) => memberName(metadata.name));
  const names = [...new Set([...named, ...heldNames(record)])].toSorted(byNumber(partition));
  const all = names.map((name) => factsOf(name, input));
  const held = new Set(heldNames(record));
  const isMember = ({ name, volume, marks }: MemberFacts): boolean =>
    held.has(name) || (volume !== null && marks.retired === null);
  const members = all.filter(isMember);
  const primary = members.find(({ name }) => name === record?.primary);
  return {
    input,
    partition,
    wanted: managedOf(build.partition).instances,
    record,
    members,
    retired: all.filter((member) => !isMember(member)),
    calm: record !== null && record.operation === null && primary?.sighting?.connected === true,
  };
}

/** Names without which the core could not go on: whoever serves, and all that a change of primary is about. */
export function heldNames(record: PartitionRecord | null): readonly MemberName[] {
  if (record === null) return [];
  const { primary, operation } = record;
  const changing = [
    operation?.from ?? null,
    operation?.candidate ?? null,
    operation?.yielded?.member ?? null,
    ...(operation?.losers ?? []).map(({ member }) => member),
    ...(operation?.survivors ?? []).map(({ member }) => member),
    ...(operation?.attached ?? []),
  ];
  return [primary, ...changing].filter((name) => name !== null);
}

function factsOf(name: MemberName, input: MembersInput): MemberFacts {
  const { record, nodes, now, replaceLostAfterMs } = input;
  const volume = input.volumes.find(({ metadata }) => metadata.name === name) ?? null;
  const pod = input.pods.find(({ metadata }) => metadata.name === name) ?? null;
  const sighting = input.sightings.find((seen) => seen.name === name) ?? null;
  // A node's keeper may be dead and the database on it well.
  const since = sighting?.connected === true ? null : lostSince({ pod, volume, nodes });
  const lostAt = since === null ? null : since + replaceLostAfterMs;
  const node = nodes.find(({ metadata }) => metadata.name === pod?.spec?.nodeName);
  return {
    name,
    volume,
    marks: volume === null ? unmarked : marksOf(volume),
    pod,
    lost: lostAt !== null && now >= lostAt,
    lostAt,
    drained: node !== undefined && isDrained(node),
    sighting,
    streams: isStreaming(sighting, record),
    rejoining: record?.rejoining.some(({ member }) => member === name) ?? false,
    listed: record?.members.some((line) => line.name === name) ?? false,
  };
}

function isStreaming(sighting: MemberNow | null, record: PartitionRecord | null): boolean {
  if (sighting === null || record?.primary == null) return false;
  const member = { ...sighting, silentMs: null };
  return streamsFrom(member, record.primary) && !mayLack(member);
}

/** Whoever is not called after the partition comes last: nobody of ours. */
function byNumber(partition: string): (a: MemberName, b: MemberName) => number {
  const rank = (name: MemberName): number => numberOf(partition, name) ?? Number.MAX_SAFE_INTEGER;
  return (a, b) => rank(a) - rank(b) || (a < b ? -1 : 1);
}

/** Its agent can be asked to do something. */
export const isStarted = ({ pod }: MemberFacts): boolean => pod !== null && isRunning(pod);

/** Somebody, or something, is taking it away, and it is not stuck on a node that is not there. */
export const isGoing = ({ pod, lost }: MemberFacts): boolean => pod !== null && isLeaving(pod) && !lost;
