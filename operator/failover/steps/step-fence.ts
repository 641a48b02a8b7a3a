import type { AgentReport } from '#contract/agent-report.ts';
import type { MemberName } from '#contract/names.ts';
import { isLoser, type Operation } from '../../partition/operation.ts';
import { detachAll, missingFor } from '../detach-all.ts';
import { fenceInOrder } from '../fence-in-order.ts';
import { endOf, isLeaving } from '../observation/platform-word.ts';
import type { Step, StepContext } from './step-context.ts';
import { retry, tell, upstreamOf, usableMembers } from './step-context.ts';

/**
 * Nobody writes from here on. Three things at once, since none may wait for another: imapd processes are told that there
 * is no writer, the old server is killed through its agent if that still answers, and the survivors are detached from it.
 * The detaching alone makes Quorum safe (a paused primary whose replicas stay attached acknowledged 400–1,800 writes
 * after the promotion, all lost); for Async it is the death of the server, the fence's acknowledgements, or a lease run out.
 */
export const fence: Step = async (operation, context) => {
  if (operation.kind === 'Switchover') return await fenceInOrder(operation, context);
  const published = context.targets.publish();
  const kills = Promise.all(operation.losers.map((loser) => kill(loser.member, operation, context)));
  const survivors = await detachAll(operation, context);
  const version = await published;
  // Quorum does not wait for the death of a server that cannot be acknowledged by anybody any more.
  const killed = context.record().synchronous.required > 0 ? await settledOnly(kills) : await kills;
  const stopConfirmed = operation.losers.length > 0 && killed?.every(Boolean) === true;
  const missing = missingFor({ ...operation, survivors }, context);
  if (missing !== null) {
    await startStopped(operation, context);
    return retry(missing);
  }
  const leasesUntil = stopConfirmed ? null : await awaitFenced(version, context);
  return { kind: 'done', learnt: { survivors, stopConfirmed, leasesUntil } };
};

/**
 * A server that was stopped (the old primary of a planned change, a replica that had hung) cannot be detached, nor one that stands
 * there as the primary it was, and its vote is missed: it is started, as a replica of the lost one.
 */
async function startStopped(operation: Operation, context: StepContext): Promise<void> {
  const { from } = operation;
  if (from === null) return;
  const { members } = context.observe();
  const stopped = usableMembers(context).filter((name) => {
    const member = members.get(name);
    if (member?.report == null || isLeaving(member) || isLoser(operation, name)) return false;
    const { state, replication } = member.report;
    return state === 'stopped' || (operation.yielded?.member === name && replication?.role === 'primary');
  });
  const command = { kind: 'follow', upstream: upstreamOf(context.spec, from) } as const;
  const deadlineMs = context.tuning.slowCommandMs;
  await Promise.all(stopped.map((member) => tell(context, operation, { member, command, deadlineMs })));
}

/** Async: writes may go on until the moment that is returned (milliseconds since 1970); null = nowhere. */
async function awaitFenced(version: number, context: StepContext): Promise<number | null> {
  if (context.record().synchronous.required > 0) return null;
  await context.targets.converged(version, context.tuning.pushTimeoutMs);
  // A degraded Quorum has no leases: there the processes that can be reached have stopped, which is all there is.
  if (context.spec.durability.mode !== 'Async') return null;
  const left = context.targets.outstandingLeaseMs(context.spec.name, version);
  return left === 0 ? null : context.ports.clock.now() + left;
}

/** The value where it is there already; null where it has to be waited for. */
async function settledOnly<T>(promise: Promise<T>): Promise<T | null> {
  return await Promise.race([promise, Promise.resolve(null)]);
}

/** True when the old server is known to be dead. What cannot be reached is left to the other fences. */
export async function kill(member: MemberName, operation: Operation, context: StepContext): Promise<boolean> {
  const sighting = context.observe().members.get(member);
  if (sighting !== undefined && endOf(sighting) !== null) return true;
  if (sighting?.connected !== true) return false;
  const command = { kind: 'stop', mode: 'kill' } as const;
  // Sent to a dead one too: it raises the epoch that its agent insists on.
  const outcome = await tell(context, operation, { member, command, deadlineMs: context.tuning.quickCommandMs });
  if (!outcome.ok && outcome.code === 'NotBySql') return await shutOut(member, operation, context);
  return outcome.ok || isDown(sighting.report);
}

/** What cannot be ended is closed: nobody writes there any more, unless somebody opens it. */
async function shutOut(member: MemberName, operation: Operation, context: StepContext): Promise<boolean> {
  const command = { kind: 'fence', reason: 'Demoted' } as const;
  return (await tell(context, operation, { member, command, deadlineMs: context.tuning.quickCommandMs })).ok;
}

const isDown = (report: AgentReport | null): boolean => report?.state === 'exited' || report?.state === 'stopped';
