import { type CommandHandler, positions } from './command-context.ts';
import { requireRunning } from './require-running.ts';

/** Remembered before it is done, and by a server that is down: what starts later must not attach and acknowledge. */
export const detach: CommandHandler<'detach'> = async (_, { member, signal }) => {
  if ((await member.engine.inspect()) === 'replica') await member.memory.update({ detached: true });
  await requireRunning(member, 'replica', signal);
  await member.server.apply(member.condition.current.access, signal);
  await member.engine.awaitSilence(member.memory.current.upstream, signal);
  return await positions(member, signal);
};
