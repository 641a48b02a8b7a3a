import { holdsPosition } from '#database/position.ts';
import { poll } from '#runtime/poll.ts';
import type { CommandContext, CommandHandler } from './command-context.ts';
import { requireRunning, requireState } from './require-running.ts';

const POLL_MS = 5;

/** Remembered before it is done, and by a server that is down: what starts later must not attach and acknowledge. */
export const detach: CommandHandler<'detach'> = async ({ after }, context) => {
  const { member, signal } = context;
  if (after !== undefined) await receivedAsFar(after, context);
  if ((await member.engine.inspect()) === 'replica') await member.memory.update({ detached: true });
  else await requireRunning(member, 'replica', signal);
  requireState(member);
  await member.server.apply(member.condition.current.access, signal);
  await member.engine.awaitSilence(member.memory.current.upstream, signal);
  return await requireRunning(member, 'replica', signal);
};

/** For as long as the operator waits: who is not sent it by then stays attached. */
async function receivedAsFar(after: string, { member, signal, expiry }: CommandContext): Promise<void> {
  const limit = AbortSignal.any([signal, expiry]);
  await requireRunning(member, 'replica', limit);
  await poll(POLL_MS, limit, async () => {
    const { replication } = await member.engine.observe(limit);
    return holdsPosition(replication.received, after) ? true : null;
  });
}
