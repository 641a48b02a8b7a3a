import { Impossible } from '#database/impossible.ts';
import { type CommandHandler, positions } from './command-context.ts';

/** Started as the primary it was, so that it shows everything it has, and shut to everybody but salvage. */
export const openForSalvage: CommandHandler<'openForSalvage'> = async (_, { member, signal }) => {
  const { engine, memory, condition, server } = member;
  const data = await engine.inspect();
  if (data === 'empty') throw new Impossible('NoData', 'there is no data to salvage');
  if (memory.current.incomplete || data !== 'primary') {
    throw new Impossible('NotPrimary', 'this member holds no data of a former primary');
  }
  if (server.running && condition.current.fence !== 'Salvage') await server.stop('fast');
  // After a restart of the agent it shall not come back by itself, open to replicas.
  await memory.update({ staysStopped: true });
  await server.start({ signal, access: 'salvage', fence: 'Salvage' });
  return await positions(member, signal);
};
