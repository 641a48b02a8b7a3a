import type { CommandResult, MemberCommand, MemberCommandKind } from '#contract/agent-command.ts';
import type { Observation } from '#database/observation.ts';
import type { Member } from '../member.ts';

export type CommandContext = {
  readonly member: Member;
  /** Epoch under which the operator acts. */
  readonly epoch: number;
  /** Fires when a more urgent command takes over, or when the command's own time is up. */
  readonly signal: AbortSignal;
  /** Fires when the command expires: nobody waits for other members longer than the operator wanted to. */
  readonly expiry: AbortSignal;
};

export type CommandAnswer = Omit<CommandResult, 'kind'>;
export type CommandOf<K extends MemberCommandKind> = Extract<MemberCommand, { kind: K }>;

/**
 * Carries out one kind of command, and may be asked again for what is done already.
 * @throws Impossible for 422; anything else is a failure (500)
 */
export type CommandHandler<K extends MemberCommandKind> = (
  command: CommandOf<K>,
  context: CommandContext,
) => Promise<CommandAnswer>;

/** Positions of a running server, as the answer of a command. */
export async function positions(member: Member, signal: AbortSignal): Promise<CommandAnswer> {
  const { replication } = await member.engine.observe(signal);
  return positionsIn(replication);
}

export const positionsIn = ({ received, applied, timeline, mayLack }: Observation['replication']): CommandAnswer => ({
  ...{ received, applied, timeline },
  ...(mayLack && { mayLack }),
});
