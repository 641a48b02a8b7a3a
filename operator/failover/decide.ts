import type { MemberName } from '#contract/names.ts';
import type { Operation } from '../partition/operation.ts';
import type { PartitionSpec } from '../partition/partition-spec.ts';
import type { PartitionRecord } from '../partition/record.ts';
import { beginBootstrap, beginFailover, beginSwitchover } from './begin-operation.ts';
import { decideOperation } from './decide-operation.ts';
import { assess, type EvidenceInput, type Verdict } from './evidence.ts';
import { type BlockCode, gate } from './gate.ts';
import { isReplica, type Observation, streamsFrom } from './observation.ts';
import { type UpkeepAction, upkeep } from './upkeep.ts';

/** What to do about one partition now. `refuse` answers a person's request that cannot be granted. */
export type Decision =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'wait'; readonly why: string }
  | { readonly kind: 'blocked'; readonly code: BlockCode; readonly why: string }
  | { readonly kind: 'refuse'; readonly code: string; readonly why: string }
  /** Record this operation, whether it is the first or replaces one that cannot go on, and run it. */
  | { readonly kind: 'begin'; readonly operation: Operation }
  /** Run the recorded step. */
  | { readonly kind: 'run' }
  | { readonly kind: 'upkeep'; readonly actions: readonly UpkeepAction[] };

export type DecideInput = EvidenceInput & {
  /** Milliseconds since 1970. */
  readonly now: number;
};

/** The one place where it is decided what happens to a partition. Pure: the same input always decides the same. */
export function decide(input: DecideInput): Decision {
  const { spec, record, observation } = input;
  const unseen = [...observation.members.values()].find((m) => !m.connected && m.failure === null && m.report === null);
  // A new operator looks before it acts: whoever is not there yet would pass for lost.
  if (unseen !== undefined) return { kind: 'wait', why: `${unseen.name} has not been contacted yet` };
  const ahead = memberAhead(record, observation);
  if (ahead !== null) return ahead;
  if (record.operation !== null) return decideOperation(record.operation, input);
  if (spec.paused)
    return observation.request === null ? { kind: 'nothing' } : refuse('Paused', 'the partition is paused');
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
  if (missing.length > 0) return { kind: 'wait', why: `no agent answers for ${missing.map((m) => m.name).join(', ')}` };
  return { kind: 'begin', operation: beginBootstrap(first.name, record, input) };
}

function decideServed(primary: MemberName, input: DecideInput): Decision {
  const { request } = input.observation;
  if (request?.kind === 'switchover') return decideSwitchover(primary, request.to, input);
  const verdict = assess(primary, input);
  const change =
    request?.kind === 'failover' ? decideForced(primary, verdict, input) : decideLoss(primary, verdict, input);
  if (change !== null) return change;
  const actions = upkeep(input);
  if (actions.length > 0) return { kind: 'upkeep', actions };
  return verdict.state === 'alive' ? { kind: 'nothing' } : { kind: 'wait', why: verdict.why };
}

/** The primary by itself: null where it lives, or shall be started again in place (which is upkeep). */
function decideLoss(primary: MemberName, verdict: Verdict, input: DecideInput): Decision | null {
  if (verdict.state !== 'dead') return null;
  const answer = gate({ ...input, primary, restartable: verdict.restartable });
  switch (answer.way) {
    case 'promote':
      return begin(input, { why: verdict.why, lostUpTo: answer.lostUpTo, from: primary });
    case 'wait':
      return { kind: 'wait', why: answer.why };
    case 'blocked':
      return { kind: 'blocked', code: answer.code, why: answer.why };
    case 'restart':
      return null;
  }
}

/** A person wants another primary, dead or not; the durability gate still holds unless the loss was accepted. */
function decideForced(primary: MemberName, verdict: Verdict, input: DecideInput): Decision {
  const answer = gate({ ...input, primary, restartable: false });
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
  const { record, observation, spec } = input;
  const verdict = assess(primary, input);
  if (verdict.state !== 'alive') return refuse('PrimaryNotHealthy', `${primary} is not healthy; see failover`);
  if (to === primary) return refuse('AlreadyPrimary', `${primary} is the primary already`);
  const fit = [...observation.members.values()].filter(
    (member) =>
      isReplica(member) && streamsFrom(member, primary) && !record.rejoining.some((r) => r.member === member.name),
  );
  // Just started, nobody knows it yet; asked again a second later, it is known.
  const lagOf = (name: MemberName): number => observation.lagSeconds.get(name) ?? Number.POSITIVE_INFINITY;
  const chosen =
    to === null ? fit.toSorted((a, b) => lagOf(a.name) - lagOf(b.name))[0] : fit.find((m) => m.name === to);
  if (chosen === undefined)
    return refuse('NoReplica', `${to ?? 'no member'} is a replica that streams from ${primary}`);
  if (lagOf(chosen.name) > Math.max(1, spec.failover.maxLostSeconds)) {
    return refuse('LagTooLarge', `${chosen.name} is too far behind ${primary}`);
  }
  return { kind: 'begin', operation: beginSwitchover(input, { from: primary, to: chosen.name }) };
}
