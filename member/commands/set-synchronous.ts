import { type CommandHandler, positions } from './command-context.ts';
import { requireRunning } from './require-running.ts';

/** Answered when every part of the server knows the set: from then on no commit is acknowledged without it. */
export const setSynchronous: CommandHandler<'setSynchronous'> = async (command, { member, signal }) => {
  await requireRunning(member, 'primary', signal);
  const before = member.memory.current.synchronous;
  await member.memory.update({ synchronous: command.synchronous });
  await member.server.apply(member.condition.current.access, signal);
  // `promote` of a primary is the checkpoint alone, after which the new set is certainly obeyed.
  if (before.required < command.synchronous.required) await member.engine.promote(signal);
  return await positions(member, signal);
};
