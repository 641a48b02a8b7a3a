import type { CommandHandler } from './command-context.ts';

/** Slots are made now where the server runs, and kept up by the agent's maintenance afterwards. */
export const keepFor: CommandHandler<'keepFor'> = async (command, { member, signal }) => {
  const { memory, condition, server, engine } = member;
  await memory.update({ keep: { members: command.members, retainBytes: command.retainBytes } });
  // What is opened for salvage is thrown away afterwards: nobody will need its log.
  if (condition.current.state !== 'running' || condition.current.access === 'salvage') return {};
  await server.apply(condition.current.access, signal);
  await engine.keepFor({ members: command.members, received: new Map(), exactly: true }, signal);
  return {};
};
