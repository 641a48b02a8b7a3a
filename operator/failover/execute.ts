import type { Operation } from '../partition/operation.ts';
import type { PartitionRecord } from '../partition/record.ts';
import type { RecordKeeper } from '../partition/record-keeper.ts';
import { publishable } from '../partition/schema.ts';
import { advance, beginning } from './advance.ts';
import { beginReinstate } from './begin-operation.ts';
import type { CrashPoint } from './steps/crash-point.ts';
import { clone, initialize, migrate } from './steps/step-bootstrap.ts';
import type { Step, StepContext } from './steps/step-context.ts';
import { fence } from './steps/step-fence.ts';
import { follow } from './steps/step-follow.ts';
import { catchUp, elect, hasCaughtUp, promote, stamp } from './steps/step-promote.ts';
import { retarget } from './steps/step-retarget.ts';
import type { StepName } from './steps/steps.ts';

/** What is done under each name. `confirm` and `gate` are decisions, `rejoin` runs in the background. */
const STEPS_DONE: Readonly<Partial<Record<StepName, Step>>> = {
  initialize,
  clone,
  fence,
  elect,
  catchUp,
  promote,
  follow,
  stamp,
  migrate,
  retarget,
};

export type Execution = {
  readonly keeper: RecordKeeper;
  readonly context: StepContext;
  readonly crashPoint: CrashPoint;
  readonly onStep: (operation: Operation, elapsedMs: number) => void;
};

/** `advanced`: look again at once. `waiting`: the same step again soon. */
export type Progress = { readonly state: 'advanced' } | { readonly state: 'waiting'; readonly why: string };

/** Records an operation. Its epoch is spent from here on, whatever becomes of it. */
export async function begin(operation: Operation, { keeper, context }: Execution): Promise<void> {
  const now = context.ports.clock.now();
  await keeper.save(beginning(keeper.record, operation, { spec: context.spec, now }));
  context.targets.note(context.spec.name, publishable(keeper.record, context.spec));
}

/**
 * Runs the recorded step once: its name is durable before, its result after. Some steps after it are taken along: what they
 * rest on and what they come to is one change of the record, and one request to an API server, which everybody waits for.
 */
export async function runStep(execution: Execution): Promise<Progress> {
  const { keeper, context, crashPoint } = execution;
  const first = await runOne({}, execution);
  if (first.state === 'waiting') return first;
  if (first.state === 'givenUp') {
    const { spec } = context;
    const around = { spec, record: keeper.record, observation: context.observe(), now: context.ports.clock.now() };
    await begin(beginReinstate(first.operation, around, first.why), execution);
    return { state: 'advanced' };
  }
  const ran = [first];
  let change = first.change;
  while (change.operation != null && isTakenAlong(change.operation, first.operation)) {
    const next = await runOne(change, execution);
    if (next.state !== 'done') break;
    ran.push(next);
    change = { ...change, ...next.change };
  }
  await keeper.save(change);
  context.targets.note(context.spec.name, publishable(keeper.record, context.spec));
  for (const { operation, elapsedMs } of ran) {
    crashPoint(`${operation.step}:after-persist`);
    execution.onStep(operation, elapsedMs);
  }
  return { state: 'advanced' };
}

const isTakenAlong = (next: Operation, recorded: Operation): boolean =>
  onlyDecides(next) || (recorded.step === 'promote' && REPEATED_WITH_PROMOTION.has(next.step));

/** A new operator that begins at the promotion again finds all of these done, and does no harm by asking for them once more. */
const REPEATED_WITH_PROMOTION: ReadonlySet<StepName> = new Set(['follow', 'stamp']);

const onlyDecides = (operation: Operation): boolean =>
  operation.step === 'elect' || (operation.step === 'catchUp' && hasCaughtUp(operation));

type Ran =
  | {
      readonly state: 'done';
      readonly operation: Operation;
      readonly elapsedMs: number;
      readonly change: Partial<PartitionRecord>;
    }
  | { readonly state: 'waiting'; readonly why: string }
  | { readonly state: 'givenUp'; readonly operation: Operation; readonly why: string };

/** The next step by the record and what is about to be recorded; what it comes to is not recorded yet. */
async function runOne(pending: Partial<PartitionRecord>, { keeper, context, crashPoint }: Execution): Promise<Ran> {
  // A step may note something in the record meanwhile.
  const record = (): PartitionRecord => ({ ...keeper.record, ...pending });
  const { operation } = record();
  const step = operation === null ? undefined : STEPS_DONE[operation.step];
  if (operation === null || step === undefined) throw new Error(`nothing is done under ${operation?.step}`);
  const { clock } = context.ports;
  crashPoint(`${operation.step}:before`);
  const startedAt = clock.monotonic();
  const result = await step(operation, { ...context, record });
  crashPoint(`${operation.step}:after-effect`);
  if (result.kind === 'retry') return { state: 'waiting', why: result.why };
  if (result.kind === 'giveUp') return { state: 'givenUp', operation, why: result.why };
  const elapsedMs = clock.monotonic() - startedAt;
  const completed = { learnt: result.learnt ?? {}, elapsedMs, now: clock.now() };
  return {
    state: 'done',
    operation,
    elapsedMs,
    change: { ...result.record, ...advance(record(), context.spec, completed) },
  };
}
