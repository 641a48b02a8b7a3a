import { isFork, type Operation } from '../../partition/operation.ts';
import type { MemberOutcome } from '../../ports.ts';
import { elect as electFrom } from '../election/elect.ts';
import { judgeYielded } from '../election/judge-yielded.ts';
import {
  candidateOf,
  done,
  retry,
  type Step,
  type StepContext,
  setForCommand,
  setOf,
  tell,
  unlessFailed,
} from './step-context.ts';
import { followAhead } from './step-follow.ts';
import { ToldAhead } from './told-ahead.ts';

/** Chooses the candidate; the executor records it before anything is done to it. */
export const elect: Step = async (operation, context) => {
  const election = electFrom(operation, context.record(), context.spec);
  if (!election.elected) return { kind: 'giveUp', why: election.why };
  const { candidate, synchronous } = election;
  const lostUpTo = election.lostUpTo === null ? null : election.lostUpTo + leasedSeconds(operation);
  return { kind: 'done', learnt: { candidate, synchronous, lostUpTo, ...judgeYielded(operation, candidate) } };
};

/** Between two reports of an agent: so long before the outage began its server may have been heard last. */
const REPORT_MS = 1_000;

/** Async: for how long after it was last heard the old primary may have acknowledged to whoever held a lease. */
function leasedSeconds({ leasesUntil, startedAt, phases }: Operation): number {
  return leasesUntil === null ? 0 : (leasesUntil - startedAt + (phases.detect ?? 0) + REPORT_MS) / 1_000;
}

/** Everything that the candidate received becomes visible on it; where it was when it was detached, nothing has come since. */
export const catchUp: Step = async (operation, context) => {
  if (hasCaughtUp(operation)) return done;
  const member = candidateOf(operation);
  const { slowCommandMs } = context.tuning;
  const outcome = await tell(context, operation, { member, command: { kind: 'catchUp' }, deadlineMs: slowCommandMs });
  return unlessFailed(member, outcome, () => done);
};

export function hasCaughtUp({ candidate, survivors }: Operation): boolean {
  const detached = survivors.find(({ member }) => member === candidate);
  return detached !== undefined && detached.applied === detached.received;
}

/** The synchronous set first, then the promotion: the new primary never acknowledges anything that it alone has. */
export const promote: Step = async (operation, context) => {
  const member = candidateOf(operation);
  const { slowCommandMs } = context.tuning;
  const command = mustStart(operation, context)
    ? ({ kind: 'grant' } as const)
    : ({ kind: 'promote', synchronous: setForCommand(setOf(operation)) } as const);
  const promoting = tell(context, operation, { member, command, deadlineMs: slowCommandMs });
  followAhead(operation, context);
  const promoted = await promoting;
  if (promoted.ok) stampAhead(operation, context);
  return unlessFailed(member, promoted, () => done);
};

const AHEAD = new ToldAhead();

/**
 * While the others attach: the row waits for them where it is, and is there as soon as they are. Not where they were asked before
 * (Reinstate), nor of servers that no agent watches.
 */
function stampAhead(operation: Operation, context: StepContext): void {
  if (operation.kind === 'Reinstate' || context.spec.control === 'sql') return;
  AHEAD.tell(candidateOf(operation), { operation, context }, () => sendStamp(operation, context));
}

async function sendStamp(operation: Operation, context: StepContext): Promise<MemberOutcome> {
  const uidGap = isFork(operation) ? context.spec.failover.uidGap : 0;
  const command = { kind: 'stamp', epoch: operation.epoch, uidGap } as const;
  const deadlineMs = context.tuning.slowCommandMs;
  return await tell(context, operation, { member: candidateOf(operation), command, deadlineMs });
}

/**
 * Only an old primary that is reinstated may be down here. Granting starts it, behind a barrier; nobody writes to it,
 * since no imapd process knows a writer before the retarget.
 */
function mustStart(operation: Operation, context: StepContext): boolean {
  if (operation.kind !== 'Reinstate') return false;
  return context.observe().members.get(candidateOf(operation))?.report?.state !== 'running';
}

/**
 * The epoch row, and the barrier in one: it returns when the synchronous set has it, and with it everything that the
 * new primary had made visible before.
 */
export const stamp: Step = async (operation, context) => {
  const member = candidateOf(operation);
  const { slowCommandMs } = context.tuning;
  if (mustStart(operation, context)) {
    const started = await tell(context, operation, { member, command: { kind: 'grant' }, deadlineMs: slowCommandMs });
    if (!started.ok) return unlessFailed(member, started, () => done);
  }
  const ahead = await AHEAD.take({ operation, context }).get(member);
  const outcome = ahead?.ok === true ? ahead : await sendStamp(operation, context);
  if (outcome.ok || outcome.failure !== 'unreachable') return unlessFailed(member, outcome, () => done);
  return retry(`${member} has not stamped epoch ${operation.epoch} yet: the synchronous set is not complete`);
};
