import type { MemberName } from '#contract/names.ts';
import type { Operation } from '../../partition/operation.ts';
import type { Rejoining } from '../../partition/record.ts';
import type { MemberOutcome } from '../../ports.ts';
import { mayFollow } from '../may-follow.ts';
import {
  candidateOf,
  retry,
  type Step,
  type StepContext,
  setOf,
  tell,
  upstreamOf,
  usableMembers,
} from './step-context.ts';
import { ToldAhead } from './told-ahead.ts';

const AHEAD = new ToldAhead();

/**
 * The others attach to the candidate. Only as many are waited for as the synchronous set requires (none where
 * `whenDegraded` is Async); the rest attach in their own time, and upkeep looks after those that do not. The old primary of
 * a planned change has its whole server to start first: left for later where the others are enough.
 */
export const follow: Step = async (operation, context) => {
  const candidate = candidateOf(operation);
  const followers = followersOf(operation, context);
  const diverged: MemberName[] = [];
  const following: MemberName[] = [];
  const failures: string[] = [];
  const ahead = AHEAD.take({ operation, context });
  const attachOne = async (member: MemberName): Promise<boolean> => {
    const before = await ahead.get(member);
    const outcome = before?.ok === true ? before : await attach(member, candidate, { operation, context });
    if (isDiverged(outcome)) diverged.push(member);
    if (outcome.ok) following.push(member);
    else failures.push(`${member}: ${outcome.code}: ${outcome.message}`);
    return outcome.ok;
  };
  // A candidate that is not up yet (Reinstate) cannot be waited for, nor does anybody's word count that follows it.
  const reinstating = operation.kind === 'Reinstate';
  const required = reinstating ? 0 : setOf(operation).required;
  const enough = Math.min(required, context.spec.members.length - 1);
  const stopped = followers.filter((name) => isStopped(operation, name));
  let count = await countTrue(followers.filter((name) => !stopped.includes(name)).map(attachOne), enough);
  if (count < required) count += await countTrue(stopped.map(attachOne), enough - count);
  const rebuilding = diverged.map((member) => rebuilt(member, context));
  const rejoining = [...context.record().rejoining, ...rebuilding];
  if (count >= required)
    return { kind: 'done', learnt: { attached: reinstating ? [] : following }, record: { rejoining } };
  await context.note({ rejoining });
  return retry([`${count} of ${required} required replicas follow ${candidate}`, ...failures].join('; '));
};

/**
 * The same while the candidate is being promoted: a replica sends to others, too, and goes on to its new timeline with them. Who
 * follows by then has nothing more to be told by `follow`; whoever does not is told again. Not where the candidate may be down
 * (Reinstate), nor of servers that no agent watches.
 */
export function followAhead(operation: Operation, context: StepContext): void {
  if (operation.kind === 'Reinstate' || context.spec.control === 'sql') return;
  const candidate = candidateOf(operation);
  const around = { operation, context };
  for (const member of followersOf(operation, context)) {
    if (!isStopped(operation, member)) AHEAD.tell(member, around, () => attach(member, candidate, around));
  }
}

function followersOf(operation: Operation, context: StepContext): readonly MemberName[] {
  const observation = context.observe();
  return usableMembers(context)
    .filter((name) => name !== operation.candidate)
    .filter((name) => mayFollow(operation, name, observation));
}

const isStopped = ({ kind, from }: Operation, name: MemberName): boolean => kind === 'Switchover' && name === from;

async function attach(
  member: MemberName,
  candidate: MemberName,
  { operation, context }: { operation: Operation; context: StepContext },
): Promise<MemberOutcome> {
  const command = { kind: 'follow', upstream: upstreamOf(context.spec, candidate) } as const;
  return await tell(context, operation, { member, command, deadlineMs: context.tuning.slowCommandMs });
}

/** 422 for a history that the candidate does not share. */
export const isDiverged = (outcome: MemberOutcome): boolean =>
  !outcome.ok && outcome.failure === 'impossible' && (outcome.code === 'Diverged' || outcome.code === 'LogRemoved');

/** A survivor that had received more than the candidate: never acknowledged, so there is nothing to salvage. */
const rebuilt = (member: MemberName, context: StepContext): Rejoining => ({
  member,
  step: 'rewind',
  lastEpoch: 0,
  since: context.ports.clock.now(),
  problem: null,
});

/** Resolves with the number of `true` as soon as it reaches `enough`, or when all have settled. */
async function countTrue(attempts: readonly Promise<boolean>[], enough: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let trues = 0;
  const counted = attempts.map(async (attempt) => {
    if (await attempt) trues += 1;
    if (trues >= enough) resolve(trues);
  });
  Promise.all(counted).then(() => resolve(trues), reject);
  if (enough === 0) resolve(0);
  return await promise;
}
