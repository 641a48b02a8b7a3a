import { type CommandHandler, positions } from './command-context.ts';
import { requireRunning } from './require-running.ts';

/** Remembered before it is done: a member that dies on the way comes back detached. */
export const detach: CommandHandler<'detach'> = async (_, { member, signal }) => {
  await requireRunning(member, 'replica', signal);
  await member.memory.update({ detached: true });
  await member.server.apply(member.condition.current.access, signal);
  await member.engine.awaitSilence(signal);
  return await positions(member, signal);
};
