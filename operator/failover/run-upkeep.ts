import type { MemberName } from '#contract/names.ts';
import type { Background, TaskEnd } from '../partition/background.ts';
import type { PartitionRecord, Rejoining, RejoinStep } from '../partition/record.ts';
import type { RecordKeeper } from '../partition/record-keeper.ts';
import { migrateServed } from './migrate-schema.ts';
import { rejoin } from './rejoin/rejoin.ts';
import type { RejoinContext } from './rejoin/rejoin-context.ts';
import type { CrashPoint } from './steps/crash-point.ts';
import type { StepContext } from './steps/step-context.ts';
import { setForCommand } from './steps/step-context.ts';
import { isDiverged } from './steps/step-follow.ts';
import type { UpkeepAction } from './upkeep.ts';

export type UpkeepContext = {
  readonly context: StepContext;
  readonly keeper: RecordKeeper;
  readonly background: Background;
  readonly change: RejoinContext['change'];
  readonly crashPoint: CrashPoint;
  /** Told when the primary is started again after it went down. */
  readonly onRestart: () => void;
};

/** Carries out what `upkeep` found. Only what changes the record is waited for. */
export async function runUpkeep(actions: readonly UpkeepAction[], upkeep: UpkeepContext): Promise<void> {
  for (const action of actions) await carryOut(action, upkeep);
}

async function carryOut(action: UpkeepAction, upkeep: UpkeepContext): Promise<void> {
  const { keeper, background } = upkeep;
  switch (action.kind) {
    case 'command':
      if (action.member === upkeep.keeper.record.primary) upkeep.onRestart();
      background.start(action.member, (signal) => command(action, upkeep, signal));
      return;
    case 'rejoin':
      background.start(action.member, (signal) => rejoin(action.member, rejoinContext(upkeep, signal)));
      return;
    case 'migrate':
      background.start(`${action.member}/schema`, (signal) =>
        migrateServed(action.member, rejoinContext(upkeep, signal)),
      );
      return;
    case 'admit':
      await keeper.save({ rejoining: admitted(keeper.record, upkeep, action) });
      return;
    case 'recordSet':
      await keeper.save({ synchronous: action.set });
      return;
    case 'applySet':
      background.start(`${action.member}/set`, (signal) => applySet(action, upkeep, signal));
      return;
  }
}

const rejoinContext = ({ context, change, crashPoint }: UpkeepContext, signal: AbortSignal): RejoinContext => ({
  spec: context.spec,
  ports: context.ports,
  tuning: context.tuning,
  record: context.record,
  change,
  crashPoint,
  signal,
});

async function command(
  { member, command: order }: Extract<UpkeepAction, { kind: 'command' }>,
  upkeep: UpkeepContext,
  signal: AbortSignal,
): Promise<TaskEnd> {
  const { ports, spec, tuning, record } = upkeep.context;
  const { epoch } = record();
  const deadlineMs = tuning.slowCommandMs;
  const outcome = await ports.members.send({ partition: spec.name, member, epoch, command: order, deadlineMs, signal });
  if (outcome.ok) {
    if (order.kind === 'stop') ports.events.emit({ code: 'ServerHung', partition: spec.name, fields: { member } });
    return 'done';
  }
  ports.log.debug({ partition: spec.name, member, command: order.kind, outcome }, 'upkeep command failed');
  if (order.kind === 'follow' && (isDiverged(outcome) || outcome.code === 'NoData')) {
    const step = outcome.code === 'NoData' ? 'clone' : 'rewind';
    await upkeep.change((current) => ({ rejoining: admitted(current, upkeep, { member, step }) }));
    return 'done';
  }
  return 'again';
}

function admitted(
  record: PartitionRecord,
  { context }: UpkeepContext,
  { member, step }: { member: MemberName; step: RejoinStep },
): readonly Rejoining[] {
  if (record.rejoining.some((entry) => entry.member === member)) return record.rejoining;
  const report = context.observe().members.get(member)?.report;
  // Where it knows no epoch of its own it can only have served before ours.
  const lastEpoch = report?.grantedEpoch ?? report?.replication?.epoch ?? Math.max(1, record.epoch - 1);
  return [...record.rejoining, { member, step, lastEpoch, since: context.ports.clock.now(), problem: null }];
}

/** The server first, then a barrier that the new set has acknowledged, then the record. */
async function applySet(
  { member, set }: Extract<UpkeepAction, { kind: 'applySet' }>,
  { context, change }: UpkeepContext,
  signal: AbortSignal,
): Promise<TaskEnd> {
  const { ports, spec, tuning, record } = context;
  const { epoch } = record();
  const deadlineMs = tuning.slowCommandMs;
  const send = { partition: spec.name, member, epoch, deadlineMs, signal };
  const command = { kind: 'setSynchronous', synchronous: setForCommand(set) } as const;
  const applied = await ports.members.send({ ...send, command });
  if (!applied.ok) return 'again';
  if (set.required > 0) {
    // The row is there already, so nothing changes; what counts is that the set has everything before it.
    const verified = await ports.members.send({ ...send, command: { kind: 'stamp', epoch, uidGap: 0 } });
    if (!verified.ok) return 'again';
  }
  await change((current) => (current.epoch === epoch ? { synchronous: set } : {}));
  return 'done';
}
