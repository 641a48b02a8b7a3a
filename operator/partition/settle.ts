import type { MemberName } from '#contract/names.ts';
import { isServing, type MemberObservation, type Observation, streamsFrom } from '../failover/observation.ts';
import { conditionsOf, type SettleInput } from './conditions.ts';
import { othersThan, type PartitionSpec } from './partition-spec.ts';
import type { MemberLine, PartitionRecord, Phase, PublishedTarget } from './record.ts';
import { promotionIsSafe } from './synchronous-set.ts';

/**
 * What the record shall say of the moment: phase, members, conditions, who may be read from. The same input gives the
 * same answer, so a quiet partition is not written about (I11).
 */
export function settle(input: SettleInput): Partial<PartitionRecord> {
  const { spec, observation } = input;
  const members = spec.members.map((member) => lineOf(observation.members.get(member.name), member.name));
  const phase = phaseOf(input);
  return {
    phase,
    members,
    target: targetOf(input),
    conditions: conditionsOf({ ...input, phase, quorumSafe: quorumSafe(input) }),
  };
}

function lineOf(member: MemberObservation | undefined, name: MemberName): MemberLine {
  const replication =
    member?.connected === true && member.report?.state === 'running' ? member.report.replication : null;
  return {
    name,
    role: replication?.role ?? 'none',
    reachable: member?.connected ?? false,
    timeline: replication?.timeline ?? null,
  };
}

function phaseOf({ record, spec, decision, observation }: SettleInput): Phase {
  if (decision.kind === 'blocked') return 'Blocked';
  if (record.operation !== null) return record.phase === 'Blocked' ? runningPhase(record) : record.phase;
  if (record.primary === null) return 'Creating';
  if (spec.paused) return 'Paused';
  return isWhole(record, spec, observation) ? 'Healthy' : 'Degraded';
}

const runningPhase = (record: PartitionRecord): Phase =>
  record.operation?.kind === 'Switchover' ? 'Switching' : 'FailingOver';

/** The primary serves under the epoch in force, and everybody else streams from it. */
function isWhole(record: PartitionRecord, spec: PartitionSpec, observation: Observation): boolean {
  const { primary } = record;
  if (primary === null || record.rejoining.length > 0) return false;
  if (!isServing(record, observation.members.get(primary))) return false;
  return othersThan(spec, primary).every(({ name }) => {
    const member = observation.members.get(name);
    return member !== undefined && streamsFrom(member, primary);
  });
}

/** Would the loss of the primary, now, be survived without losing anything acknowledged? */
function quorumSafe({ record, observation }: SettleInput): boolean {
  const { primary } = record;
  if (primary === null) return false;
  const attached = [...observation.members.values()].filter((member) => streamsFrom(member, primary));
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
    .filter((name) => mayBeRead(observation.members.get(name), primary, target.readers.includes(name)));
  const same = readers.length === target.readers.length && readers.every((name) => target.readers.includes(name));
  return same ? target : { ...target, readers };
}

function mayBeRead(member: MemberObservation | undefined, primary: MemberName, already: boolean): boolean {
  if (member === undefined || !member.connected || member.report === null) return already;
  const { state } = member.report;
  if (state === 'empty' || state === 'working') return false;
  return already || streamsFrom(member, primary);
}
