import type { MemberName } from '#contract/names.ts';
import { isLoser, type Operation, type Survivor } from '../partition/operation.ts';
import type { MemberOutcome } from '../ports.ts';
import { elect } from './election/elect.ts';
import { holdsMark } from './election/judge-yielded.ts';
import { candidateOf, type StepContext, tell, usableMembers } from './steps/step-context.ts';

/** Positions of all that answered. They cannot receive anything any more, so these are final. */
export async function detachAll(operation: Operation, context: StepContext): Promise<readonly Survivor[]> {
  const members = usableMembers(context).filter((name) => !isLoser(operation, name));
  const answers = await Promise.all(members.map((member) => detach(member, operation, context)));
  return answers.filter((answer) => answer !== null);
}

/**
 * The same of a fenced primary that runs on: its successor not before it has received all that was written there.
 * @returns null where the successor's agent is of before, and does not know how to wait for that
 */
export async function detachAtMark(
  operation: Operation & { readonly mark: string },
  context: StepContext,
): Promise<readonly Survivor[] | null> {
  const successor = candidateOf(operation);
  const command = { kind: 'detach', after: operation.mark } as const;
  const order = { member: successor, command, deadlineMs: context.tuning.quickCommandMs };
  const others = usableMembers(context).filter((name) => name !== successor && !isLoser(operation, name));
  const [outcome, ...rest] = await Promise.all([
    tell(context, operation, order),
    ...others.map((member) => detach(member, operation, context)),
  ]);
  if (!outcome.ok && outcome.failure === 'invalid') return null;
  return [toSurvivor(successor, outcome, context), ...rest].filter((answer) => answer !== null);
}

async function detach(member: MemberName, operation: Operation, context: StepContext): Promise<Survivor | null> {
  const command = { kind: 'detach' } as const;
  const outcome = await tell(context, operation, { member, command, deadlineMs: context.tuning.quickCommandMs });
  return toSurvivor(member, outcome, context);
}

function toSurvivor(member: MemberName, outcome: MemberOutcome, context: StepContext): Survivor | null {
  if (!outcome.ok || outcome.result.received === undefined) return null;
  const { received, applied = received, mayLack } = outcome.result;
  const reported = context.observe().members.get(member)?.report?.replication?.timeline;
  const timeline = outcome.result.timeline ?? reported;
  return timeline === undefined ? null : { member, received, applied, timeline, ...(mayLack && { mayLack }) };
}

/** What the election still lacks, while there is time to wait for it; null = go on to the election. */
export function missingFor(operation: Operation, context: StepContext): string | null {
  const { ports, tuning, spec, record } = context;
  if (ports.clock.now() - operation.startedAt > tuning.electionBudgetMs) return null;
  const election = elect(operation, record(), spec);
  return election.elected ? yieldedMissing(election.candidate, operation, context) : election.why;
}

/** What only the old primary of a planned change has is lost by passing it over, while its agent could start it. */
function yieldedMissing(elected: MemberName, operation: Operation, { observe }: StepContext): string | null {
  const { yielded, acceptDataLoss } = operation;
  if (yielded === undefined || acceptDataLoss || holdsMark(operation, elected)) return null;
  const isThere = observe().members.get(yielded.member)?.connected === true;
  return isThere ? `${yielded.member} has more than ${elected}` : null;
}
