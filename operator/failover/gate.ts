import type { MemberName } from '#contract/names.ts';
import type { PartitionRecord } from '../partition/record.ts';
import { promotionIsSafe } from '../partition/synchronous-set.ts';
import type { EvidenceInput, Revival } from './observation/evidence.ts';
import { isReplica, mayLack, type Observation } from './observation/observation.ts';
import { whoMustReturn } from './who-must-return.ts';

/**
 * What may be done about a dead primary. `lostUpTo` is the bound on the loss in seconds (0 in Quorum, null where a
 * person accepted an unknown one). `restart`: bring it back in place; `hindrance` says what is in the way of a promotion
 * where that has been tried in vain for as long as it may take.
 */
export type GateAnswer =
  | { readonly way: 'promote'; readonly lostUpTo: number | null }
  | { readonly way: 'restart'; readonly hindrance: Hindrance | null }
  | { readonly way: 'wait'; readonly why: string }
  | ({ readonly way: 'blocked' } & Hindrance);

export type Hindrance = { readonly code: BlockCode; readonly why: string };

export type BlockCode =
  | 'Paused'
  | 'ManualMode'
  | 'Flapping'
  | 'DiskFull'
  | 'QuorumLost'
  | 'MayBeServing'
  | 'NoReplica'
  | 'LagUnknown'
  | 'LagTooLarge'
  | 'RecordBehind';

export type GateInput = EvidenceInput & {
  readonly primary: MemberName;
  readonly revive: Revival;
  /** Milliseconds since 1970. */
  readonly now: number;
};

const blocked = (code: BlockCode, why: string): GateAnswer => ({ way: 'blocked', code, why });

/** Step `gate`: durability, lag, flapping, a person's word. Looks only at what could be detached if we tried. */
export function gate(input: GateInput): GateAnswer {
  const answer = judge(input);
  // What cannot be promoted may still come back as it was.
  if (answer.way === 'promote' || answer.way === 'restart' || !mayRevive(input, answer)) return answer;
  const inVain = input.revive === 'begun' || restartingMs(input) >= input.tuning.restartBudgetMs;
  return {
    way: 'restart',
    hindrance: inVain && answer.way === 'blocked' ? { code: answer.code, why: answer.why } : null,
  };
}

/**
 * Nothing is lost by starting a server that is down. One that runs is killed only where nobody asked for patience: during
 * `failover.delay` it may come to itself, and a paused partition is in a person's hands, perhaps with a debugger.
 */
function mayRevive({ revive, spec }: GateInput, answer: GateAnswer): boolean {
  if (revive === 'kill') return answer.way !== 'wait' && !spec.paused;
  return revive !== null;
}

const restartingMs = ({ observation }: GateInput): number => observation.restartingMs ?? 0;

function judge(input: GateInput): GateAnswer {
  const { spec, record, observation } = input;
  const forced = observation.request?.kind === 'failover' ? observation.request : null;
  const held = forced === null ? heldBack(input) : null;
  if (held !== null) return held;
  const candidates = candidatesOf(record, observation, input.primary);
  if (candidates.length === 0) return blocked('NoReplica', withoutReplica(input));
  const lacking = candidates.filter((name) => isLacking(name, observation));
  const counted = candidates.filter((name) => !lacking.includes(name));
  if (promotionIsSafe(record.synchronous, counted)) return { way: 'promote', lostUpTo: 0 };
  if (forced?.acceptDataLoss === true) return { way: 'promote', lostUpTo: bestLag(observation, candidates) };
  if (spec.durability.mode === 'Quorum' && record.synchronous.required > 0) {
    return blocked('QuorumLost', whoIsMissed(input, { counted, lacking }));
  }
  if (mayGoOnServing(input)) {
    return blocked('MayBeServing', `${input.primary} does not answer, which does not prove that it takes no writes`);
  }
  // How far behind it is was seen since it was started.
  return gateByLag(input, candidates);
}

const isLacking = (name: MemberName, { members }: Observation): boolean => {
  const member = members.get(name);
  return member !== undefined && mayLack(member);
};

type Asked = { readonly counted: readonly MemberName[]; readonly lacking: readonly MemberName[] };

function whoIsMissed({ record, primary }: GateInput, { counted, lacking }: Asked): string {
  const who = counted.length === 0 ? 'nobody' : `only ${counted.join(', ')}`;
  const why =
    lacking.length === 0
      ? ''
      : `: ${lacking.join(', ')} may lack what it acknowledged, for its server was started and has not been level with ${primary} since`;
  return `${who} can be asked${why}; ${whoMustReturn(record, { primary, asked: counted, lacking })}`;
}

/**
 * A server without an agent does not shut itself when it is cut off. Where nobody else acknowledges, and no lease ends either
 * (a Quorum that goes on without its replicas), it may acknowledge for ever what a promotion would lose. A refused connection
 * is proof enough.
 */
function mayGoOnServing({ spec, observation, primary }: GateInput): boolean {
  if (spec.control !== 'sql' || spec.durability.mode === 'Async') return false;
  const member = observation.members.get(primary);
  const failure = member?.connected === true ? member.report?.probe.failure : member?.failure;
  return failure !== 'refused' && failure !== 'reset';
}

function withoutReplica({ record, primary }: GateInput): string {
  const none = 'no replica can be reached';
  return record.synchronous.required > 0
    ? `${none}; ${whoMustReturn(record, { primary, asked: [], lacking: [] })}`
    : none;
}

/** Automatic promotion is paused, off, delayed or too frequent. */
function heldBack({ spec, record, observation, tuning, now, primary }: GateInput): GateAnswer | null {
  if (spec.paused) return blocked('Paused', 'the partition is paused');
  if ((observation.primaryDownMs ?? 0) < spec.failover.delayMs) {
    return { way: 'wait', why: `failover.delay of ${spec.failover.delayMs} ms` };
  }
  if (spec.failover.mode === 'Manual') return blocked('ManualMode', 'failover.mode is Manual');
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
 * again. So an agent that can try does, for as long as `restartBudgetMs`. (`begun` has used it up.)
 */
function gateByLag(input: GateInput, candidates: readonly MemberName[]): GateAnswer {
  const { spec, observation, tuning, revive } = input;
  const patient = observation.request === null && restartingMs(input) < tuning.restartBudgetMs;
  if ((revive === 'start' || revive === 'kill') && patient) return { way: 'restart', hindrance: null };
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
