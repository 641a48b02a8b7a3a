import type { Operation } from '../partition/operation.ts';
import type { RecordKeeper } from '../partition/record-keeper.ts';
import { publishable } from '../partition/schema.ts';
import { advance, beginning } from './advance.ts';
import { beginReinstate } from './begin-operation.ts';
import type { CrashPoint } from './steps/crash-point.ts';
import { clone, initialize, migrate } from './steps/step-bootstrap.ts';
import type { Step, StepContext } from './steps/step-context.ts';
import { fence } from './steps/step-fence.ts';
import { follow } from './steps/step-follow.ts';
import { catchUp, elect, promote, stamp } from './steps/step-promote.ts';
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

/** Runs the recorded step once: its name is durable before, its result after. */
export async function runStep(execution: Execution): Promise<Progress> {
  const { keeper, context, crashPoint } = execution;
  const { operation } = keeper.record;
  const step = operation === null ? undefined : STEPS_DONE[operation.step];
  if (operation === null || step === undefined) throw new Error(`nothing is done under ${operation?.step}`);
  crashPoint(`${operation.step}:before`);
  const startedAt = context.ports.clock.monotonic();
  const result = await step(operation, context);
  crashPoint(`${operation.step}:after-effect`);
  const now = context.ports.clock.now();
  if (result.kind === 'retry') return { state: 'waiting', why: result.why };
  if (result.kind === 'giveUp') {
    const { spec } = context;
    const around = { spec, record: keeper.record, observation: context.observe(), now };
    await begin(beginReinstate(operation, around, result.why), execution);
    return { state: 'advanced' };
  }
  const elapsedMs = context.ports.clock.monotonic() - startedAt;
  const change = advance(keeper.record, context.spec, { learnt: result.learnt ?? {}, elapsedMs, now });
  await keeper.save({ ...result.record, ...change });
  context.targets.note(context.spec.name, publishable(keeper.record, context.spec));
  crashPoint(`${operation.step}:after-persist`);
  execution.onStep(operation, elapsedMs);
  return { state: 'advanced' };
}
