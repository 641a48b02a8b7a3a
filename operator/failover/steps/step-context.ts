import type { CommandResult, MemberCommand } from '#contract/agent-command.ts';
import type { MemberName } from '#contract/names.ts';
import { isLoser, type Operation } from '../../partition/operation.ts';
import { memberSpec, type PartitionSpec } from '../../partition/partition-spec.ts';
import type { PartitionRecord, PublishedTarget, SynchronousSet } from '../../partition/record.ts';
import type { MemberOutcome, Ports } from '../../ports.ts';
import type { Targets } from '../../targets/targets.ts';
import type { Tuning } from '../../tuning.ts';
import type { Observation } from '../observation/observation.ts';

/** What a step may use. Steps know nothing of each other: all they pass on is in the operation. */
export type StepContext = {
  readonly spec: PartitionSpec;
  readonly ports: Ports;
  readonly tuning: Tuning;
  readonly targets: Targets;
  readonly signal: AbortSignal;
  /** The record as last saved. */
  readonly record: () => PartitionRecord;
  readonly observe: () => Observation;
  /** Records something in the middle of a step that a repetition of the step must know. */
  readonly note: (change: Partial<PartitionRecord>) => Promise<void>;
};

/**
 * `done`: go on, with what the step learnt. `retry`: not yet; the same step again soon. `giveUp`: this change cannot
 * be completed, and nobody has been promoted yet.
 */
export type StepResult =
  | { readonly kind: 'done'; readonly learnt?: Partial<Operation>; readonly record?: Partial<PartitionRecord> }
  | { readonly kind: 'retry'; readonly why: string }
  | { readonly kind: 'giveUp'; readonly why: string };

export type Step = (operation: Operation, context: StepContext) => Promise<StepResult>;

export const done: StepResult = { kind: 'done' };

export const retry = (why: string): StepResult => ({ kind: 'retry', why });

/** The operation's candidate. @throws where a step runs before its time: a fault of ours. */
export function candidateOf(operation: Operation): MemberName {
  if (operation.candidate === null) throw new Error(`step ${operation.step} needs a candidate`);
  return operation.candidate;
}

export const setOf = (operation: Operation): SynchronousSet => operation.synchronous ?? { required: 0, members: [] };

/** Mutable copy in the shape of a command. */
export const setForCommand = (set: SynchronousSet): { required: number; members: string[] } => ({
  required: set.required,
  members: [...set.members],
});

/** Sends one command under the operation's epoch. */
export async function tell(
  context: StepContext,
  operation: Operation,
  order: { readonly member: MemberName; readonly command: MemberCommand; readonly deadlineMs: number },
): Promise<MemberOutcome> {
  const { ports, spec, signal } = context;
  const outcome = await ports.members.send({ partition: spec.name, epoch: operation.epoch, signal, ...order });
  ports.log.debug({ partition: spec.name, member: order.member, command: order.command.kind, outcome }, 'command');
  return outcome;
}

/** The result, or the step's answer to a failure: try again, for every command may be repeated. */
export function unlessFailed(
  who: MemberName,
  outcome: MemberOutcome,
  then: (result: CommandResult) => StepResult,
): StepResult {
  if (outcome.ok) return then(outcome.result);
  return retry(`${who}: ${outcome.code}: ${outcome.message}`);
}

export const upstreamOf = (spec: PartitionSpec, member: MemberName) => ({
  member,
  endpoint: memberSpec(spec, member).endpoint,
});

/** Members that answer and hold no history of their own: they may be detached, and follow. */
export function usableMembers(context: StepContext): readonly MemberName[] {
  const { members } = context.observe();
  const { rejoining } = context.record();
  return (
    context.spec.members
      .map((member) => member.name)
      .filter((name) => members.get(name)?.connected === true)
      // A server of somebody else that has not been seen to be of this repository is left alone.
      .filter((name) => context.spec.control !== 'sql' || members.get(name)?.report?.replication != null)
      .filter((name) => !rejoining.some((entry) => entry.member === name))
  );
}

/** A target without a writer: what imapd processes are told while the change goes on. Readers stay readable. */
export function fencedTarget(record: PartitionRecord, operation: Operation): PublishedTarget {
  const readers = (record.target?.readers ?? []).filter((reader) => !isLoser(operation, reader));
  return { epoch: operation.epoch, writer: null, readers };
}
