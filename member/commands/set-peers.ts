import type { CommandHandler } from './command-context.ts';

export const setPeers: CommandHandler<'setPeers'> = async (command, { member }) => {
  await member.memory.update({ peers: command.peers });
  return {};
};
