import type { CommandHandler } from './command-context.ts';

export const stop: CommandHandler<'stop'> = async (command, { member }) => {
  await member.memory.update({ staysStopped: true });
  await member.server.stop(command.mode);
  return {};
};
