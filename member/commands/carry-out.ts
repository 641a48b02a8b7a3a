import type { CommandResult, MemberCommand, MemberCommandKind } from '#contract/agent-command.ts';
import { catchUp } from './catch-up.ts';
import { checkpoint } from './checkpoint.ts';
import { clone } from './clone.ts';
import type { CommandContext, CommandHandler } from './command-context.ts';
import { detach } from './detach.ts';
import { fence } from './fence.ts';
import { follow } from './follow.ts';
import { grant } from './grant.ts';
import { initialize } from './initialize.ts';
import { keepFor } from './keep-for.ts';
import { openForSalvage } from './open-for-salvage.ts';
import { promote } from './promote.ts';
import { rewind } from './rewind.ts';
import { setPeers } from './set-peers.ts';
import { setSynchronous } from './set-synchronous.ts';
import { stamp } from './stamp.ts';
import { stop } from './stop.ts';

const handlers: { readonly [K in MemberCommandKind]: CommandHandler<K> } = {
  initialize,
  clone,
  follow,
  detach,
  catchUp,
  checkpoint,
  promote,
  setSynchronous,
  stamp,
  grant,
  fence,
  stop,
  openForSalvage,
  rewind,
  keepFor,
  setPeers,
};

/** Longest a command may take, in milliseconds; null = as long as the data is large. */
export const commandLimits: { readonly [K in MemberCommandKind]: number | null } = {
  initialize: 120_000,
  clone: null,
  rewind: null,
  follow: 60_000,
  detach: 5000,
  catchUp: 60_000,
  // As long as the operator waits for it.
  checkpoint: null,
  promote: 30_000,
  setSynchronous: 30_000,
  // Waits for other members: the operator, not we, decides what to do about one that does not answer.
  stamp: 5000,
  grant: 30_000,
  fence: null,
  stop: null,
  openForSalvage: 60_000,
  keepFor: 10_000,
  setPeers: 5000,
};

/** Runs the handler of a command. @throws Impossible for 422; anything else is a failure (500) */
export async function carryOut<K extends MemberCommandKind>(
  command: Extract<MemberCommand, { kind: K }>,
  context: CommandContext,
): Promise<CommandResult> {
  const handler: CommandHandler<K> = handlers[command.kind as K];
  const limit = commandLimits[command.kind as K];
  const signal = limit === null ? context.signal : AbortSignal.any([context.signal, AbortSignal.timeout(limit)]);
  return { kind: command.kind, ...(await handler(command as never, { ...context, signal })) };
}
