import type { MemberName } from '#contract/names.ts';
import type { Engine } from '#database/engine.ts';
import type { Operation } from '../partition/operation.ts';
import { RecordConflict } from '../partition/record-keeper.ts';
import type { MemberOutcome } from '../ports.ts';
import { detachAll, detachAtMark, missingFor } from './detach-all.ts';
import { endOf } from './observation/platform-word.ts';
import { retry, type StepContext, type StepResult, tell } from './steps/step-context.ts';

const giveUp = (why: string): StepResult => ({ kind: 'giveUp', why });

/**
 * Whether a primary that is fenced has to be stopped before another one is promoted. PostgreSQL's goes on to write its log by itself:
 * only an orderly stop sends all of it, and what the successor lacks would keep it from following. Of MariaDB and MySQL nothing is
 * written but by sessions, of which there are none, and their stop takes seconds.
 */
const STOPS_FIRST: Readonly<Record<Engine, boolean>> = { postgresql: true, mariadb: false, mysql: false };

/**
 * The planned fence, of a primary that lives. Writers are told first and their sessions ended, then the position at
 * which writing ended is recorded, then replicas are sent everything and let go of it: by its orderly stop, or while it stands there, shut,
 * until it is told to follow.
 */
export async function fenceInOrder(operation: Operation, context: StepContext): Promise<StepResult> {
  const { from } = operation;
  if (from === null) return giveUp('there is no primary');
  const version = await context.targets.publish();
  await context.targets.converged(version, context.tuning.pushTimeoutMs);
  const mark = operation.mark ?? (await endWriting(from, operation, context));
  if (mark === null) return giveUp(`${from} could not be fenced`);
  const fenced: Fenced = { ...operation, from, mark };
  const marked = noteMark(fenced, context);
  // At once: an operator that ends before the position is recorded leaves a change that is given up, and the old primary is
  // started again. One that is about to end itself may not come back for long.
  if (operation.fromLeaves === true) await marked;
  const [parted] = await Promise.all([part(fenced, context), marked]);
  if ('why' in parted) return giveUp(parted.why);
  const missing = missingFor({ ...fenced, survivors: parted.survivors }, context);
  if (missing !== null) return retry(missing);
  return { kind: 'done', learnt: { ...parted, mark } };
}

type Fenced = Operation & { readonly from: MemberName; readonly mark: string };

type Failed = Extract<MemberOutcome, { readonly ok: false }>;

type Parted = Pick<Operation, 'survivors' | 'stopConfirmed'> | { readonly why: string };

async function part(operation: Fenced, context: StepContext): Promise<Parted> {
  if (!STOPS_FIRST[context.spec.engine]) {
    const survivors = await detachAtMark(operation, context);
    if (survivors !== null) return { survivors, stopConfirmed: false };
  }
  const { from } = operation;
  const stop = { kind: 'stop', mode: 'fast' } as const;
  const { slowCommandMs } = context.tuning;
  const stopped = await tellWhileThere(context, operation, { member: from, command: stop, deadlineMs: slowCommandMs });
  // Gone by itself, after writing had ended: whether the candidate has it all is judged by the mark.
  if (!stopped.ok && !(await isSeenToEnd(stopped, from, context)))
    return { why: `${from} could not be stopped: ${stopped.message}` };
  return { survivors: await detachAll(operation, context), stopConfirmed: true };
}

const AGAIN_MS = 200;

/**
 * Repeated where the API server did not take it: once the server is down, nobody could ask it for the position again, and a
 * change that goes well would be given up. @throws RecordConflict @throws the last failure, after `slowCommandMs`
 */
async function noteMark(operation: Operation, context: StepContext): Promise<void> {
  const { clock } = context.ports;
  const end = clock.monotonic() + context.tuning.slowCommandMs;
  for (;;) {
    try {
      return await context.note({ operation });
    } catch (error) {
      const isFinal = error instanceof RecordConflict || clock.monotonic() >= end;
      if (isFinal || (await clock.sleep(AGAIN_MS, context.signal)) !== 'elapsed') throw error;
    }
  }
}

const hasEnded = (member: MemberName, { observe }: StepContext): boolean => {
  const seen = observe().members.get(member);
  return seen !== undefined && endOf(seen) !== null;
};

const LOOK_MS = 50;

/** Who has ended refuses to be asked a moment before the platform says that it has. */
async function isSeenToEnd(outcome: Failed, from: MemberName, context: StepContext): Promise<boolean> {
  const { clock } = context.ports;
  const end = clock.monotonic() + (outcome.failure === 'unreachable' ? context.tuning.heartbeatTimeoutMs : 0);
  while (!hasEnded(from, context)) {
    if (clock.monotonic() >= end || (await clock.sleep(LOOK_MS, context.signal)) !== 'elapsed') return false;
  }
  return true;
}

/** A primary that is about to end may do so in the middle; what has ended answers nobody, and its network tells nobody. */
async function tellWhileThere(...[context, operation, order]: Parameters<typeof tell>): Promise<MemberOutcome> {
  const over = new AbortController();
  const signal = AbortSignal.any([context.signal, over.signal]);
  const answer = tell({ ...context, signal }, operation, order).finally(() => over.abort());
  while ((await context.ports.clock.sleep(LOOK_MS, signal)) === 'elapsed') {
    if (hasEnded(order.member, context)) over.abort();
  }
  return await answer;
}

/** Shuts mail out of the primary; returns where it stood when that was done, null where it could not be. */
async function endWriting(from: MemberName, operation: Operation, context: StepContext): Promise<string | null> {
  const command = { kind: 'fence', reason: 'Demoted' } as const;
  const { quickCommandMs } = context.tuning;
  const outcome = await tellWhileThere(context, operation, { member: from, command, deadlineMs: quickCommandMs });
  if (!outcome.ok) return null;
  return outcome.result.received ?? (await reportedAfter(context.ports.clock.monotonic(), from, context));
}

/** The position in the first report that is younger than `since`. */
async function reportedAfter(since: number, from: MemberName, context: StepContext): Promise<string | null> {
  const { clock, members } = context.ports;
  const end = since + context.tuning.heartbeatTimeoutMs;
  while (clock.monotonic() < end && !context.signal.aborted) {
    const sighting = members.observe(context.spec.name).get(from);
    if (sighting !== undefined && (sighting.reportedAt ?? 0) > since)
      return sighting.report?.replication?.received ?? null;
    await clock.sleep(50, context.signal);
  }
  return null;
}
