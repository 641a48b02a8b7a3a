import { Impossible } from '#database/impossible.ts';
import { type CommandHandler, positions } from './command-context.ts';

/**
 * Started as the primary it was, so that it shows everything it has, and shut to everybody but salvage. It may be a replica by now:
 * a `follow` that was given up, or whose agent died, has left it like that before the two logs were seen to differ.
 */
export const openForSalvage: CommandHandler<'openForSalvage'> = async (_, { member, signal }) => {
  const { engine, memory, condition, server } = member;
  const data = await engine.inspect();
  if (data === 'empty') throw new Impossible('NoData', 'there is no data to salvage');
  const isTurned = data === 'replica' && memory.current.unproven;
  if (memory.current.incomplete || (data !== 'primary' && !isTurned)) {
    throw new Impossible('NotPrimary', 'this member holds no data of a former primary');
  }
  if (server.running && condition.current.fence !== 'Salvage') await server.stop('fast');
  // After a restart of the agent it shall not come back by itself, open to replicas.
  await memory.update({ staysStopped: true, ...(isTurned ? { upstream: null } : {}) });
  if (isTurned) {
    await engine.turnInto('primary');
    await memory.update({ unproven: false });
  }
  await server.start({ signal, access: 'salvage', fence: 'Salvage' });
  return await positions(member, signal);
};
