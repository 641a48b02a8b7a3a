import type { MemberName } from '#contract/names.ts';
import { settled } from '#runtime/settled.ts';
import { isLoser, type Operation } from '../../partition/operation.ts';
import type { PublishedTarget } from '../../partition/record.ts';
import { showsSchema } from '../../partition/schema.ts';
import { isReplica } from '../observation/observation.ts';
import { candidateOf, done, retry, type Step, type StepContext, tell, unlessFailed } from './step-context.ts';
import { kill } from './step-fence.ts';

/**
 * Writing goes on. First nobody may be able to write to the old primary any more, then the new one is opened, then the
 * record names it, then the document, then every imapd process. The record holds the new synchronous set since
 * before this step: from the grant on, that is what acknowledgements rest on.
 */
export const retarget: Step = async (operation, context) => {
  const waiting = await awaitLeases(operation, context);
  if (waiting !== null) return retry(waiting);
  const member = candidateOf(operation);
  const granted = await tell(context, operation, {
    member,
    command: { kind: 'grant' },
    deadlineMs: context.tuning.slowCommandMs,
  });
  if (!granted.ok) return unlessFailed(member, granted, () => done);
  const target = openTarget(member, operation, context);
  await context.note({ target });
  const version = await context.targets.publish();
  await context.targets.converged(version, context.tuning.convergeMs);
  endLeaving(operation, context);
  return { kind: 'done', record: { target } };
};

/** The old primary of a planned change that was fenced and not stopped, and is about to end: it waits for that, and nobody for it. */
function endLeaving(operation: Operation, context: StepContext): void {
  const { kind, from, fromLeaves, stopConfirmed } = operation;
  if (kind !== 'Switchover' || from === null || fromLeaves !== true || stopConfirmed) return;
  const command = { kind: 'stop', mode: 'fast' } as const;
  void settled(tell(context, operation, { member: from, command, deadlineMs: context.tuning.slowCommandMs }));
}

/** Who may be read from besides the writer: replicas that run and are not on their way back. */
export function openTarget(writer: MemberName, operation: Operation, context: StepContext): PublishedTarget {
  const record = context.record();
  const readers = [...context.observe().members.values()]
    .filter((member) => member.name !== writer && isReplica(member) && showsSchema(member, record))
    .map((member) => member.name)
    .filter((name) => !isLoser(operation, name) && !record.rejoining.some((entry) => entry.member === name));
  return { epoch: operation.epoch, writer, readers: readers.toSorted() };
}

/** Async: null when no imapd process can write to the old primary any more; otherwise what is waited for. */
async function awaitLeases(operation: Operation, context: StepContext): Promise<string | null> {
  const { clock } = context.ports;
  const until = operation.leasesUntil;
  if (until === null || operation.stopConfirmed || clock.now() >= until) return null;
  // Its agent may be back by now: a server that is dead for certain ends the waiting.
  const dead = await Promise.all(operation.losers.map((loser) => kill(loser.member, operation, context)));
  if (dead.length > 0 && dead.every(Boolean)) return null;
  await clock.sleep(Math.min(until - clock.now(), 250), context.signal);
  return clock.now() >= until ? null : `leases for ${until - clock.now()} ms more`;
}
