import type { MemberName } from '#contract/names.ts';
import type { Operation } from '../partition/operation.ts';
import type { PartitionSpec } from '../partition/partition-spec.ts';
import type { PartitionRecord } from '../partition/record.ts';
import { beginBootstrap, beginFailover, beginSwitchover } from './begin-operation.ts';
import { chooseAdopted } from './choose-adopted.ts';
import { decideOperation } from './decide-operation.ts';
import { fitReplicas, isTooFarBehind, successorOf } from './election/successor.ts';
import { type BlockCode, gate, type Hindrance } from './gate.ts';
import { assess, type EvidenceInput, type Verdict } from './observation/evidence.ts';
import { isServing, type Observation } from './observation/observation.ts';
import { isLeaving, wordOf } from './observation/platform-word.ts';
import { primaryLeftOut } from './primary-left-out.ts';
import { type UpkeepAction, upkeep } from './upkeep.ts';
import { whileBlocked } from './while-blocked.ts';

/** What to do about one partition now. `refuse` answers a person's request that cannot be granted. */
export type Decision =
  | { readonly kind: 'nothing' }
  /** Not everybody has been contacted yet, so that nothing is known: nothing is done, nor recorded. */
  | { readonly kind: 'look'; readonly why: string }
  | { readonly kind: 'wait'; readonly why: string }
  | { readonly kind: 'blocked'; readonly code: BlockCode; readonly why: string }
  | { readonly kind: 'refuse'; readonly code: string; readonly why: string }
  /** Have both write out what is dirty before the change begins; nothing is recorded, and nobody depends on it. */
  | { readonly kind: 'prepare'; readonly from: MemberName; readonly to: MemberName; readonly withinMs: number }
  /** Record this operation, whether it is the first or replaces one that cannot go on, and run it. */
  | { readonly kind: 'begin'; readonly operation: Operation }
  /** Run the recorded step. */
  | { readonly kind: 'run' }
  /** `why`: what is amiss meanwhile, or null. `code`: what is in the way of a promotion, where one is due; or null. */
  | {
      readonly kind: 'upkeep';
      readonly actions: readonly UpkeepAction[];
      readonly why: string | null;
      readonly code: BlockCode | null;
    };

export type DecideInput = EvidenceInput & {
  /** Milliseconds since 1970. */
  readonly now: number;
};

/** The one place where it is decided what happens to a partition. Pure: the same input always decides the same. */
export function decide(input: DecideInput): Decision {
  const { spec, record, observation } = input;
  const unseen = [...observation.members.values()].find((m) => !m.connected && m.failure === null && m.report === null);
  // A new operator looks before it acts: whoever is not there yet would pass for lost.
  if (unseen !== undefined) return { kind: 'look', why: `${unseen.name} has not been contacted yet` };
  const ahead = memberAhead(record, observation);
  if (ahead !== null) return ahead;
  const leftOut = primaryLeftOut(spec, record);
  if (leftOut !== null) return { kind: 'wait', why: leftOut };
  if (spec.paused && observation.request !== null) return refuse('Paused', 'the partition is paused');
  // One that is under way is finished, paused or not: nobody serves writes until then.
  if (record.operation !== null) return decideOperation(record.operation, input);
  if (record.primary === null) return decideBootstrap(spec, record, input);
  return decideServed(record.primary, input);
}

const refuse = (code: string, why: string): Decision => ({ kind: 'refuse', code, why });

/**
 * An agent has obeyed a higher epoch than we remember: our record is an old copy, or another operator acts on this
 * partition. To go on would be to act under a spent fencing token.
 */
function memberAhead(record: PartitionRecord, observation: Observation): Decision | null {
  for (const { name, connected, report } of observation.members.values()) {
    if (connected && report !== null && report.highestEpoch > record.epoch) {
      const why = `${name} has obeyed epoch ${report.highestEpoch}, the record knows ${record.epoch}`;
      return { kind: 'blocked', code: 'RecordBehind', why };
    }
  }
  return null;
}

function decideBootstrap(spec: PartitionSpec, record: PartitionRecord, input: DecideInput): Decision {
  const first = spec.members[0];
  const missing = spec.members.filter((member) => input.observation.members.get(member.name)?.connected !== true);
  if (first === undefined) return { kind: 'wait', why: 'the partition has no members' };
  if (spec.paused) return { kind: 'wait', why: 'the partition is paused' };
  if (spec.control === 'sql') return decideAdoption(record, input);
  if (missing.length > 0) return { kind: 'wait', why: `no agent answers for ${missing.map((m) => m.name).join(', ')}` };
  return { kind: 'begin', operation: beginBootstrap(first.name, record, input) };
}

/** Servers that exist have a primary: that one it is. */
function decideAdoption(record: PartitionRecord, input: DecideInput): Decision {
  const found = chooseAdopted(input.spec, input.observation);
  if ('why' in found) return { kind: 'wait', why: found.why };
  return { kind: 'begin', operation: beginBootstrap(found.primary, record, input) };
}

function decideServed(primary: MemberName, input: DecideInput): Decision {
  const { request } = input.observation;
  if (request?.kind === 'switchover') return decideSwitchover(primary, request.to, input);
  const verdict = assess(primary, input);
  if (request?.kind === 'failover') return decideForced(primary, verdict, input);
  if (verdict.state === 'dead') return decideLoss(primary, verdict, input);
  return isOnItsWayOut(primary, verdict, input) ? handOver(primary, input) : keepServing(verdict, input);
}

/** It serves, and is about to end in order. A person who paused the partition wants no change of primary. */
function isOnItsWayOut(primary: MemberName, verdict: Verdict, { spec, record, observation }: DecideInput): boolean {
  const member = observation.members.get(primary);
  if (member === undefined || spec.paused || verdict.state !== 'alive') return false;
  return isServing(record, member) && isLeaving(member);
}

/** Nobody has to miss it: a planned change while it lives. Where there is nobody, it ends in order, and its end is judged. */
function handOver(primary: MemberName, input: DecideInput): Decision {
  const found = successorOf(primary, input);
  if ('why' in found) return keepServing({ state: 'suspect', why: found.why }, input);
  return changeInOrder({ from: primary, to: found.to, leaves: true }, input);
}

/**
 * A planned change stops all writing, so first, while writing goes on, the old primary and its successor write out what is
 * dirty: its stop and the other's promotion write out the rest.
 */
function changeInOrder(change: { from: MemberName; to: MemberName; leaves: boolean }, input: DecideInput): Decision {
  const { from, to } = change;
  const withinMs = preparationMs(change, input);
  const { preparation } = input.observation;
  const isIts = preparation?.from === from && preparation.to === to;
  if (withinMs === 0 || (isIts && (preparation.ended || preparation.ageMs >= withinMs)))
    return { kind: 'begin', operation: beginSwitchover(input, change) };
  if (!isIts) return { kind: 'prepare', from, to, withinMs };
  const why = `${from} and ${to} write out what is dirty before ${to} takes over`;
  return { kind: 'upkeep', actions: upkeep(input, assess(from, input)), why, code: null };
}

/** One whose pod was removed by force is killed two seconds after it was told to end: no moment of them is to be lost. */
function preparationMs({ from, leaves }: { from: MemberName; leaves: boolean }, input: DecideInput): number {
  const { prepareMs, prepareLeavingMs } = input.tuning;
  const member = input.observation.members.get(from);
  if (member !== undefined && wordOf(member) === 'gone') return 0;
  return leaves ? prepareLeavingMs : prepareMs;
}

function decideLoss(primary: MemberName, verdict: Verdict & { state: 'dead' }, input: DecideInput): Decision {
  const answer = gate({ ...input, primary, revive: verdict.revive });
  switch (answer.way) {
    case 'promote':
      return begin(input, { why: verdict.why, lostUpTo: answer.lostUpTo, from: primary });
    case 'wait':
      return { kind: 'wait', why: answer.why };
    case 'blocked':
      return whileBlocked(input, primary, answer);
    case 'restart':
      return keepServing(verdict, input, answer.hindrance);
  }
}

/** The primary stays the primary; where it is dead, it is brought back in place. */
function keepServing(verdict: Verdict, input: DecideInput, hindrance: Hindrance | null = null): Decision {
  const actions = upkeep(input, verdict);
  const { code, why } = hindrance ?? { code: null, why: verdict.state === 'alive' ? null : verdict.why };
  if (actions.length > 0) return { kind: 'upkeep', actions, why, code };
  if (code !== null) return { kind: 'blocked', code, why };
  return why === null ? { kind: 'nothing' } : { kind: 'wait', why };
}

/** A person wants another primary, dead or not; the durability gate still holds unless the loss was accepted. */
function decideForced(primary: MemberName, verdict: Verdict, input: DecideInput): Decision {
  const answer = gate({ ...input, primary, revive: null });
  if (answer.way === 'promote') {
    const why = verdict.state === 'alive' ? 'a person asked for it' : verdict.why;
    return begin(input, { why, lostUpTo: answer.lostUpTo, from: primary });
  }
  return answer.way === 'blocked' ? refuse(answer.code, answer.why) : refuse('NotNow', 'try again');
}

const begin = (input: DecideInput, loss: Parameters<typeof beginFailover>[1]): Decision => ({
  kind: 'begin',
  operation: beginFailover(input, loss),
});

/** A switchover promises that nothing is lost and little time passes: only to a replica that is there and close. */
function decideSwitchover(primary: MemberName, to: MemberName | null, input: DecideInput): Decision {
  if (input.spec.control === 'sql') {
    const why = `SQL cannot make a replica of ${primary}, which somebody else runs; see failover`;
    return refuse('SwitchoverImpossible', why);
  }
  const verdict = assess(primary, input);
  if (verdict.state !== 'alive') return refuse('PrimaryNotHealthy', `${primary} is not healthy; see failover`);
  if (to === primary) return refuse('AlreadyPrimary', `${primary} is the primary already`);
  const fit = fitReplicas(primary, input);
  const chosen =
    to === null
      ? (fit.find(({ name }) => !isTooFarBehind(name, input)) ?? fit[0])
      : fit.find((member) => member.name === to);
  if (chosen === undefined) {
    const who = to === null ? 'no member is a' : `${to} is no`;
    return refuse('NoReplica', `${who} replica that streams from ${primary}`);
  }
  const { lagSeconds, requestMs } = input.observation;
  // After a change, or a start of the operator, the next reports tell.
  if (!lagSeconds.has(chosen.name) && (requestMs ?? 0) < input.tuning.heartbeatTimeoutMs) {
    return { kind: 'wait', why: `nobody knows yet how far ${chosen.name} is behind ${primary}` };
  }
  if (isTooFarBehind(chosen.name, input)) {
    return refuse('LagTooLarge', `${chosen.name} is too far behind ${primary}`);
  }
  const from = input.observation.members.get(primary);
  const leaves = from !== undefined && isLeaving(from);
  return changeInOrder({ from: primary, to: chosen.name, leaves }, input);
}
