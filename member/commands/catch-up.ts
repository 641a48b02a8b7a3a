import { type CommandHandler, positions } from './command-context.ts';
import { requireRunning } from './require-running.ts';

export const catchUp: CommandHandler<'catchUp'> = async (_, { member, signal }) => {
  await requireRunning(member, 'replica', signal);
  await member.engine.awaitApplied(signal);
  return await positions(member, signal);
};
