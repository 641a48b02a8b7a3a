import type { MemberCommand } from '#contract/agent-command.ts';
import type { MemberName } from '#contract/names.ts';
import type { PartitionSpec } from '../../partition/partition-spec.ts';
import type { PartitionRecord } from '../../partition/record.ts';
import type { MemberOutcome, Ports } from '../../ports.ts';
import type { Tuning } from '../../tuning.ts';
import type { CrashPoint } from '../steps/crash-point.ts';

/** What a member's way back is taken with. */
export type RejoinContext = {
  readonly spec: PartitionSpec;
  readonly ports: Ports;
  readonly tuning: Tuning;
  readonly record: () => PartitionRecord;
  readonly change: (change: (record: PartitionRecord) => Partial<PartitionRecord>) => Promise<void>;
  readonly crashPoint: CrashPoint;
  readonly signal: AbortSignal;
};

export type Sending = { readonly context: RejoinContext; readonly deadlineMs: number };

/** A command under the epoch of now, for as long as the way back goes on. */
export async function sendTo(
  member: MemberName,
  command: MemberCommand,
  { context, deadlineMs }: Sending,
): Promise<MemberOutcome> {
  const { ports, spec, record, signal } = context;
  const { epoch } = record();
  const outcome = await ports.members.send({ partition: spec.name, member, epoch, command, deadlineMs, signal });
  ports.log.debug({ partition: spec.name, member, command: command.kind, outcome }, 'command');
  return outcome;
}
