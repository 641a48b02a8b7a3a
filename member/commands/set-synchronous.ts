import { type CommandHandler, positions } from './command-context.ts';
import { requireRunning } from './require-running.ts';

/** Answered when every part of the server knows the set: from then on no commit is acknowledged without it. */
export const setSynchronous: CommandHandler<'setSynchronous'> = async (command, { member, signal }) => {
  await requireRunning(member, 'primary', signal);
  member.stamped.forget();
  await member.memory.update({ synchronous: command.synchronous });
  await member.server.apply(member.condition.current.access, signal);
  await member.engine.settle(signal);
  return await positions(member, signal);
};
