import type { MemberName } from '#contract/names.ts';
import { hindranceOf } from '../failover/hindrance-of.ts';
import { assess } from '../failover/observation/evidence.ts';
import { isServing, type MemberObservation, mayLack, streamsFrom } from '../failover/observation/observation.ts';
import { conditionsOf, type SettleInput } from './conditions.ts';
import { othersThan } from './partition-spec.ts';
import type { MemberLine, PartitionRecord, Phase, PublishedTarget } from './record.ts';
import { isSchemaCurrent, showsSchema } from './schema.ts';
import { promotionIsSafe } from './synchronous-set.ts';

/**
 * What the record shall say of the moment: phase, members, conditions, who may be read from. The same input gives the
 * same answer, so a quiet partition is not written about (I11).
 */
export function settle(input: SettleInput): Partial<PartitionRecord> {
  const { spec, observation } = input;
  const before = new Map(input.record.members.map((line) => [line.name, line]));
  const members = spec.members.map(({ name }) => lineOf(observation.members.get(name), name, before.get(name)));
  const phase = phaseOf(input);
  return {
    phase,
    members,
    target: targetOf(input),
    rejoining: expected(input),
    conditions: conditionsOf({ ...input, phase, quorumSafe: quorumSafe(input) }),
  };
}

/** One that was given up never comes back; while a change is under way the list is the change's. */
function expected({ spec, record }: SettleInput): PartitionRecord['rejoining'] {
  if (record.operation !== null) return record.rejoining;
  return record.rejoining.filter((entry) => spec.members.some(({ name }) => name === entry.member));
}

/** @param before what was known of it last: an operator that has just begun has heard of nobody yet */
function lineOf(member: MemberObservation | undefined, name: MemberName, before: MemberLine | undefined): MemberLine {
  const replication =
    member?.connected === true && member.report?.state === 'running' ? member.report.replication : null;
  const { copiedBy } = member?.report ?? before ?? {};
  return {
    name,
    role: replication?.role ?? 'none',
    reachable: member?.connected ?? false,
    timeline: replication?.timeline ?? null,
    ...errantOf(member?.report ?? before),
    ...(copiedBy === undefined ? {} : { copiedBy }),
  };
}

const errantOf = (said: { readonly errant?: string | undefined } | undefined): Pick<MemberLine, 'errant'> =>
  said?.errant === undefined ? {} : { errant: said.errant };

function phaseOf(input: SettleInput): Phase {
  const { record, spec, decision } = input;
  if (hindranceOf(decision) !== null) return 'Blocked';
  if (record.operation !== null) return record.phase === 'Blocked' ? runningPhase(record) : record.phase;
  if (record.primary === null) return 'Creating';
  if (spec.paused) return 'Paused';
  return isWhole(input) ? 'Healthy' : 'Degraded';
}

const runningPhase = (record: PartitionRecord): Phase =>
  record.operation?.kind === 'Switchover' ? 'Switching' : 'FailingOver';

/** The primary serves under the epoch in force, and everybody else streams from it. */
function isWhole(input: SettleInput): boolean {
  const { record, spec, observation } = input;
  const { primary } = record;
  if (primary === null || record.rejoining.length > 0 || !isSchemaCurrent(record, spec)) return false;
  if (!isServing(record, observation.members.get(primary)) || assess(primary, input).state !== 'alive') return false;
  return othersThan(spec, primary).every(({ name }) => {
    const member = observation.members.get(name);
    return member !== undefined && streamsFrom(member, primary);
  });
}

/** Would the loss of the primary, now, be survived without losing anything acknowledged? */
function quorumSafe({ record, observation }: SettleInput): boolean {
  const { primary } = record;
  if (primary === null) return false;
  const attached = [...observation.members.values()].filter(
    (member) => streamsFrom(member, primary) && !mayLack(member),
  );
  return promotionIsSafe(
    record.synchronous,
    attached.map((member) => member.name),
  );
}

/**
 * Readers come and go with their replication; one that is merely out of our sight stays, for imapd may see it. Which of
 * them is fresh enough to be read from is imapd's own judgement.
 */
function targetOf({ record, spec, observation }: SettleInput): PublishedTarget | null {
  const { target, primary } = record;
  if (target === null || primary === null || record.operation !== null) return target;
  const readers = othersThan(spec, primary)
    .map((member) => member.name)
    .filter((name) => !record.rejoining.some((entry) => entry.member === name))
    .filter((name) => mayBeRead(observation.members.get(name), name, record));
  const same = readers.length === target.readers.length && readers.every((name) => target.readers.includes(name));
  return same ? target : { ...target, readers };
}

function mayBeRead(member: MemberObservation | undefined, name: MemberName, record: PartitionRecord): boolean {
  const already = record.target?.readers.includes(name) === true;
  if (member === undefined || !member.connected || member.report === null) return already;
  const { state } = member.report;
  if (state === 'empty' || state === 'working') return false;
  return already || (record.primary !== null && streamsFrom(member, record.primary) && showsSchema(member, record));
}
