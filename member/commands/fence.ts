import type { CommandHandler } from './command-context.ts';
import { positions } from './command-context.ts';

/** Remembered for a server that does not run: it was demoted, so only a command starts it again. */
export const fence: CommandHandler<'fence'> = async (command, { member, signal }) => {
  const done = await member.server.fence(command.reason);
  if (done === 'fenced') return await positions(member, signal);
  // It goes on, shut: where it stands is known when it is there.
  if (done === 'starting') return {};
  if (member.condition.current.state !== 'empty') await member.memory.update({ staysStopped: true });
  return {};
};
