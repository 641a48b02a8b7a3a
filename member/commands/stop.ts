import { settled } from '#runtime/settled.ts';
import type { CommandHandler } from './command-context.ts';

/** Written down while it stops: an agent that ends in between starts a primary shut, which nobody has been told is stopped. */
export const stop: CommandHandler<'stop'> = async (command, { member }) => {
  const noted = member.memory.update({ staysStopped: true });
  void settled(noted);
  await member.server.stop(command.mode);
  await noted;
  return {};
};
