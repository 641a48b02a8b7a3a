import type { MemberName } from '#contract/names.ts';
import type { StepContext } from './steps/step-context.ts';

export type PreparationOrder = { readonly from: MemberName; readonly to: MemberName; readonly withinMs: number };

type Context = Pick<StepContext, 'spec' | 'ports' | 'record'>;

/**
 * The old primary first: its successor can write out only what lies before a checkpoint of its primary. Whatever fails, or an
 * agent that does not know the command yet, costs no more than the time that is saved otherwise.
 */
export async function prepareSwitchover(
  { from, to, withinMs }: PreparationOrder,
  { spec, ports, record }: Context,
  signal: AbortSignal,
): Promise<void> {
  const end = ports.clock.monotonic() + withinMs;
  let after: string | null = null;
  for (const member of [from, to]) {
    const deadlineMs = end - ports.clock.monotonic();
    if (deadlineMs <= 0 || signal.aborted) return;
    const command = { kind: 'checkpoint', after } as const;
    const { epoch } = record();
    const outcome = await ports.members.send({ partition: spec.name, member, epoch, command, deadlineMs, signal });
    ports.log.debug({ partition: spec.name, member, command: command.kind, outcome }, 'command');
    after = outcome.ok ? (outcome.result.received ?? null) : null;
  }
}
