import type { MemberName } from '#contract/names.ts';
import type { Operation } from '../partition/operation.ts';
import { beginAgain, beginReinstate } from './begin-operation.ts';
import type { DecideInput, Decision } from './decide.ts';
import { gate } from './gate.ts';
import { assess } from './observation/evidence.ts';
import { isHung, type MemberObservation } from './observation/observation.ts';
import { endOf } from './observation/platform-word.ts';
import { kill, LONG_UNANSWERED_PROBES } from './upkeep.ts';
import { whileBlocked } from './while-blocked.ts';

const run: Decision = { kind: 'run' };

/** What to do about a change that is under way: usually its recorded step. */
export function decideOperation(operation: Operation, input: DecideInput): Decision {
  const { request } = input.observation;
  // Only a change that was given up can be helped by a person's word; nothing is kept for later.
  if (request !== null && (request.kind === 'switchover' || operation.kind !== 'Reinstate')) {
    return { kind: 'refuse', code: 'Busy', why: `a ${operation.kind.toLowerCase()} is under way (${operation.step})` };
  }
  switch (operation.kind) {
    case 'Bootstrap':
      return run;
    case 'Reinstate':
      return decideReinstate(operation, input);
    case 'Failover':
    case 'Switchover':
      return decideChange(operation, input);
  }
}

function decideChange(operation: Operation, input: DecideInput): Decision {
  const { candidate } = operation;
  const planned = operation.kind === 'Switchover';
  if (candidate === null || (!planned && operation.step === 'elect')) return run;
  const why = lossOf(candidate, operation, input);
  if (why === null) return run;
  // Before the grant nobody was promised anything by the candidate, and the old primary was stopped in good order.
  if (planned && operation.step !== 'retarget')
    return { kind: 'begin', operation: beginReinstate(operation, input, why) };
  return { kind: 'begin', operation: beginAgain(operation, input, why) };
}

/** Why the candidate cannot go on; null while it can. Once it may have served, only the death of a primary counts. */
function lossOf(candidate: MemberName, operation: Operation, input: DecideInput): string | null {
  const member = input.observation.members.get(candidate);
  if (member === undefined) return null;
  if (operation.step !== 'retarget') return lossOfUnserved(member, input.tuning.heartbeatTimeoutMs);
  const verdict = assess(candidate, input);
  if (verdict.state === 'dead') return `${candidate}: ${verdict.why}`;
  // Before anybody was told of it nobody else can miss it.
  return input.record.target?.writer === candidate ? null : lossByHanging(member);
}

const lossByHanging = (member: MemberObservation): string | null =>
  isHung(member, LONG_UNANSWERED_PROBES) ? `${member.name} does not answer` : null;

/**
 * It has served nobody yet, so to pass over one that only seems lost costs nothing but time. It ran when it was elected: one that is
 * on its way up again has ended since, which may be all that there was to see of that, and may never be there.
 */
function lossOfUnserved(member: MemberObservation, patienceMs: number): string | null {
  const { report } = member;
  if (endOf(member) !== null) return `the container of ${member.name} ended`;
  if (member.connected && report !== null)
    return report.state === 'running' ? lossByHanging(member) : `${member.name} is ${report.state}`;
  return member.silentMs !== null && member.silentMs > patienceMs ? `${member.name} is out of reach` : null;
}

/**
 * The old primary was to go on, but may itself be gone by now. As soon as enough replicas are back, or a person accepts
 * the loss, the failover is tried again; until then it is waited for.
 */
function decideReinstate(operation: Operation, input: DecideInput): Decision {
  const { from } = operation;
  if (from === null) return run;
  const member = input.observation.members.get(from);
  const reachable = member?.connected === true && member.report?.state !== 'empty' && endOf(member) === null;
  const { request } = input.observation;
  // One that hangs could not be helped by SQL.
  const answers = reachable && (input.spec.control !== 'sql' || lossByHanging(member) === null);
  if (answers && request?.kind !== 'failover') return reinstateReachable(member);
  const answer = gate({ ...input, primary: from, revive: null });
  if (answer.way === 'promote') {
    const acceptDataLoss = request?.kind === 'failover' && request.acceptDataLoss;
    const losers = [...operation.losers, { member: from, lastEpoch: input.record.servedEpoch }];
    const again = beginAgain({ ...operation, candidate: null, losers }, input, 'replicas suffice now');
    return { kind: 'begin', operation: { ...again, acceptDataLoss, lostUpTo: answer.lostUpTo } };
  }
  if (request?.kind === 'failover') return { kind: 'refuse', code: 'NotNow', why: 'why' in answer ? answer.why : '' };
  // The survivors are attached again whether the old primary can be reached by us or not: it may be serving.
  if (operation.step === 'follow') return run;
  if (answer.way === 'blocked') return whileBlocked(input, from, answer);
  return { kind: 'wait', why: `${from} is out of reach` };
}

/** Its steps start a server that is down; one that hangs has to end first. No imapd process knows a writer meanwhile. */
function reinstateReachable(from: MemberObservation): Decision {
  const why = lossByHanging(from);
  return why === null ? run : { kind: 'upkeep', actions: [kill(from.name)], why, code: null };
}
