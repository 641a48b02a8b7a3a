import type { MemberName } from '#contract/names.ts';
import type { Operation } from '../partition/operation.ts';
import { beginAgain, beginReinstate } from './begin-operation.ts';
import type { DecideInput, Decision } from './decide.ts';
import { assess } from './evidence.ts';
import { gate } from './gate.ts';
import type { MemberObservation } from './observation.ts';

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
  if (operation.step === 'retarget') {
    const verdict = assess(candidate, input);
    return verdict.state === 'dead' ? `${candidate}: ${verdict.why}` : null;
  }
  const member = input.observation.members.get(candidate);
  return member === undefined ? null : lossOfUnserved(member, input.tuning.heartbeatTimeoutMs);
}

/** It has served nobody yet, so to pass over one that only seems lost costs nothing but time. */
function lossOfUnserved(member: MemberObservation, patienceMs: number): string | null {
  const { report } = member;
  if (member.connected && report !== null) {
    return report.state === 'exited' || report.state === 'empty' ? `${member.name} is ${report.state}` : null;
  }
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
  const reachable = member?.connected === true && member.report?.state !== 'empty';
  const { request } = input.observation;
  if (reachable && request?.kind !== 'failover') return run;
  const answer = gate({ ...input, primary: from, restartable: false });
  if (answer.way === 'promote') {
    const acceptDataLoss = request?.kind === 'failover' && request.acceptDataLoss;
    const losers = [...operation.losers, { member: from, lastEpoch: input.record.servedEpoch }];
    const again = beginAgain({ ...operation, candidate: null, losers }, input, 'replicas suffice now');
    return { kind: 'begin', operation: { ...again, acceptDataLoss, lostUpTo: answer.lostUpTo } };
  }
  if (request?.kind === 'failover') return { kind: 'refuse', code: 'NotNow', why: 'why' in answer ? answer.why : '' };
  // The survivors are attached again whether the old primary can be reached by us or not: it may be serving.
  if (operation.step === 'follow') return run;
  if (answer.way === 'blocked') return { kind: 'blocked', code: answer.code, why: answer.why };
  return { kind: 'wait', why: `${from} is out of reach` };
}
