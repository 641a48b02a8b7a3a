import type { CommandResult, MemberCommand, MemberCommandKind } from '#contract/agent-command.ts';
import { Impossible } from '#database/impossible.ts';
import type { Look, SqlAnswer } from './engine-server.ts';

/**
 * Carries out one kind of command; asked again, it finds its work done.
 * @throws Impossible where SQL cannot do it, or not in this state
 */
export type SqlHandler<K extends MemberCommandKind, C> = (
  command: Extract<MemberCommand, { kind: K }>,
  context: C,
) => Promise<SqlAnswer>;

export type SqlHandlers<C> = { readonly [K in MemberCommandKind]: SqlHandler<K, C> };

/** Without an agent, on any engine. */
export const withoutAgent: Pick<SqlHandlers<unknown>, 'stop' | 'checkpoint' | 'setPeers'> = {
  /** Only whoever runs a server can stop it; the core does without. */
  stop: () => {
    throw new Impossible('NotBySql', 'a server that somebody else runs cannot be stopped by SQL');
  },
  /** Before a planned change, of which there is none here. */
  checkpoint: () => {
    throw new Impossible('NotBySql', 'servers that somebody else runs write out what is dirty when they want to');
  },
  /** Addresses for the isolation rule: nobody is there to obey it. */
  setPeers: async () => ({}),
};

/** @throws Impossible where SQL cannot do it */
export async function carryOutBySql<C>(
  handlers: SqlHandlers<C>,
  command: MemberCommand,
  context: C,
): Promise<CommandResult> {
  const handler = handlers[command.kind];
  return { kind: command.kind, ...(await handler(command as never, context)) };
}

/** Positions of the server now, as the answer of a command. */
export async function positions({ look }: { readonly look: () => Promise<Look> }): Promise<SqlAnswer> {
  const { received, applied, timeline, mayLack } = (await look()).observation.replication;
  return { received, applied, timeline, ...(mayLack && { mayLack }) };
}
