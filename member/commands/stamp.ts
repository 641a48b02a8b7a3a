import { type CommandHandler, positions } from './command-context.ts';
import { requireRunning } from './require-running.ts';

export const stamp: CommandHandler<'stamp'> = async (command, { member, signal }) => {
  await requireRunning(member, 'primary', signal);
  await member.engine.stampEpoch({ epoch: command.epoch, uidGap: command.uidGap }, signal);
  return await positions(member, signal);
};
