import type { CommandHandler } from './command-context.ts';
import { requireRunning } from './require-running.ts';

export const stamp: CommandHandler<'stamp'> = async (command, { member, signal, expiry }) => {
  await requireRunning(member, 'primary', signal);
  await member.engine.stampEpoch({ epoch: command.epoch, uidGap: command.uidGap }, AbortSignal.any([signal, expiry]));
  member.stamped.note(command.epoch, member);
  return {};
};
