import type { MemberName } from '#contract/names.ts';
import type { PartitionRecord } from '../partition/record.ts';
import { promotionIsSafe } from '../partition/synchronous-set.ts';
import type { EvidenceInput } from './evidence.ts';
import { isReplica, type Observation } from './observation.ts';

/**
 * What may be done about a dead primary. `lostUpTo` is the bound on the loss in seconds (0 in Quorum, null where a
 * person accepted an unknown one).
 */
export type GateAnswer =
  | { readonly way: 'promote'; readonly lostUpTo: number | null }
  | { readonly way: 'restart' }
  | { readonly way: 'wait'; readonly why: string }
  | { readonly way: 'blocked'; readonly code: BlockCode; readonly why: string };

export type BlockCode =
  | 'ManualMode'
  | 'Flapping'
  | 'DiskFull'
  | 'QuorumLost'
  | 'NoReplica'
  | 'LagUnknown'
  | 'LagTooLarge'
  | 'RecordBehind';

export type GateInput = EvidenceInput & {
  readonly primary: MemberName;
  readonly restartable: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
};

const blocked = (code: BlockCode, why: string): GateAnswer => ({ way: 'blocked', code, why });

/** Step `gate`: durability, lag, flapping, a person's word. Looks only at what could be detached if we tried. */
export function gate(input: GateInput): GateAnswer {
  const answer = judge(input);
  // What cannot be promoted may still come back as it was.
  return answer.way !== 'promote' && input.restartable ? { way: 'restart' } : answer;
}

function judge(input: GateInput): GateAnswer {
  const { spec, record, observation } = input;
  const forced = observation.request?.kind === 'failover' ? observation.request : null;
  const held = forced === null ? heldBack(input) : null;
  if (held !== null) return held;
  const candidates = candidatesOf(record, observation, input.primary);
  if (candidates.length === 0) return blocked('NoReplica', 'no replica can be reached');
  if (promotionIsSafe(record.synchronous, candidates)) return { way: 'promote', lostUpTo: 0 };
  if (forced?.acceptDataLoss === true) return { way: 'promote', lostUpTo: bestLag(observation, candidates) };
  const { required, members } = record.synchronous;
  if (spec.durability.mode === 'Quorum' && required > 0) {
    const why = `commits waited for ${required} of ${members.join(', ')}; only ${candidates.join(', ')} can be asked`;
    return blocked('QuorumLost', why);
  }
  return gateByLag(input, candidates);
}

/** Automatic promotion is off, delayed or too frequent. */
function heldBack({ spec, record, observation, tuning, now, primary }: GateInput): GateAnswer | null {
  if (spec.failover.mode === 'Manual') return blocked('ManualMode', 'failover.mode is Manual');
  if ((observation.primaryDownMs ?? 0) < spec.failover.delayMs) {
    return { way: 'wait', why: `failover.delay of ${spec.failover.delayMs} ms` };
  }
  if (isFull(observation, primary)) return heldBackByFullDisk(record.promotions, now);
  const recent = record.promotions.filter((at) => now - at < tuning.promotionWindowMs);
  if (recent.length < tuning.maxPromotions) return null;
  return blocked('Flapping', `${recent.length} promotions within ${tuning.promotionWindowMs / 1_000} s`);
}

const isFull = (observation: Observation, primary: MemberName): boolean =>
  observation.members.get(primary)?.report?.exit?.cause === 'DiskFull';

/** Between two promotions that a full disk brings about: the time a person needs to make room. */
const FULL_DISK_WINDOW_MS = 600_000;

/**
 * The volume of one member may be full alone; one promotion finds out. Where the next primary ends so too, the members
 * are all as full, and each further promotion would spend an epoch and a fork of every mailbox for nothing: the server
 * is started again in place until there is space.
 */
function heldBackByFullDisk(promotions: readonly number[], now: number): GateAnswer | null {
  const recent = promotions.some((at) => now - at < FULL_DISK_WINDOW_MS);
  return recent ? blocked('DiskFull', 'no disk space left, and a promotion has not helped') : null;
}

/**
 * Acknowledged by the primary alone: what the replica lacks is lost by promoting it, and not by starting the server
 * again. So an agent that can try does, for as long as `restartBudgetMs`.
 */
function gateByLag(input: GateInput, candidates: readonly MemberName[]): GateAnswer {
  const { spec, observation, tuning, restartable } = input;
  const patient = observation.request === null && (observation.restartingMs ?? 0) < tuning.restartBudgetMs;
  if (restartable && patient) return { way: 'restart' };
  const lag = bestLag(observation, candidates);
  if (lag !== null && lag <= spec.failover.maxLostSeconds) return { way: 'promote', lostUpTo: lag };
  return lag === null
    ? blocked('LagUnknown', 'nobody knows how far behind the replicas are')
    : blocked(
        'LagTooLarge',
        `the best replica is ${lag.toFixed(1)} s behind, ${spec.failover.maxLostSeconds} s may be lost`,
      );
}

const bestLag = (observation: Observation, candidates: readonly MemberName[]): number | null => {
  const known = candidates.map((name) => observation.lagSeconds.get(name)).filter((lag) => lag !== undefined);
  return known.length === 0 ? null : Math.min(...known);
};

/** Replicas that could be detached and promoted now. A member on its way back holds a history that is not ours. */
export function candidatesOf(
  record: PartitionRecord,
  observation: Observation,
  primary: MemberName,
): readonly MemberName[] {
  return [...observation.members.values()]
    .filter((member) => member.name !== primary && isReplica(member))
    .filter((member) => !record.rejoining.some((entry) => entry.member === member.name))
    .map((member) => member.name);
}
