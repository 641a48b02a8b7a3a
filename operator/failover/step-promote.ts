import type { MemberCommand } from '#contract/agent-command.ts';
import { elect as electFrom } from './elect.ts';
import { candidateOf, done, retry, type Step, setForCommand, setOf, tell, unlessFailed } from './step-context.ts';

/** Chooses the candidate; the executor records it before anything is done to it. */
export const elect: Step = async (operation, context) => {
  const election = electFrom(operation, context.record(), context.spec);
  if (!election.elected) return { kind: 'giveUp', why: election.why };
  return { kind: 'done', learnt: { candidate: election.candidate, synchronous: election.synchronous } };
};

/** Everything that the candidate received becomes visible on it. */
export const catchUp: Step = async (operation, context) => {
  const member = candidateOf(operation);
  const { slowCommandMs } = context.tuning;
  const outcome = await tell(context, operation, { member, command: { kind: 'catchUp' }, deadlineMs: slowCommandMs });
  return unlessFailed(member, outcome, () => done);
};

/** The synchronous set first, then the promotion: the new primary never acknowledges anything that it alone has. */
export const promote: Step = async (operation, context) => {
  const member = candidateOf(operation);
  const { slowCommandMs } = context.tuning;
  const down = context.observe().members.get(member)?.report?.state !== 'running';
  // Only an old primary that is reinstated may be down here. Granting starts it, behind a barrier; nobody writes to it,
  // since no imapd process knows a writer before the retarget.
  const command: MemberCommand =
    down && operation.kind === 'Reinstate'
      ? { kind: 'grant' }
      : { kind: 'promote', synchronous: setForCommand(setOf(operation)) };
  const outcome = await tell(context, operation, { member, command, deadlineMs: slowCommandMs });
  return unlessFailed(member, outcome, () => done);
};

/**
 * The epoch row, and the barrier in one: it returns when the synchronous set has it, and with it everything that the
 * new primary had made visible before.
 */
export const stamp: Step = async (operation, context) => {
  const member = candidateOf(operation);
  const uidGap = operation.kind === 'Failover' ? context.spec.failover.uidGap : 0;
  const command = { kind: 'stamp', epoch: operation.epoch, uidGap } as const;
  const outcome = await tell(context, operation, { member, command, deadlineMs: context.tuning.slowCommandMs });
  if (outcome.ok || outcome.failure !== 'unreachable') return unlessFailed(member, outcome, () => done);
  return retry(`${member} has not stamped epoch ${operation.epoch} yet: the synchronous set is not complete`);
};
