import { Impossible } from '#database/impossible.ts';
import type { Member } from '../member.ts';
import { type CommandHandler, positions } from './command-context.ts';

/** First server of a new repository. An interrupted attempt is thrown away and begun again. */
export const initialize: CommandHandler<'initialize'> = async (_, { member, signal }) => {
  const { engine, memory, server } = member;
  const data = memory.current.incomplete ? 'empty' : await engine.inspect();
  if (data === 'replica') throw new Impossible('DataExists', 'this member holds the data of a replica');
  if (data === 'empty') await make(member, signal);
  await server.start({ signal });
  return await positions(member, signal);
};

async function make({ engine, memory, condition, server }: Member, signal: AbortSignal): Promise<void> {
  await server.stop('kill');
  await memory.update({
    incomplete: true,
    copiedBy: null,
    upstream: null,
    detached: false,
    synchronous: { required: 0, members: [] },
  });
  condition.change({ state: 'working', activity: { name: 'initializing', progress: null } });
  try {
    await engine.removeData();
    await engine.createEmpty((name, progress) => condition.change({ activity: { name, progress } }), signal);
    await server.start({ signal, during: 'working' });
    await engine.furnish(signal);
  } catch (error) {
    if (condition.current.state === 'working') {
      await server.stop('kill');
      condition.change({ state: 'empty', activity: null });
    }
    throw error;
  }
  await memory.update({ incomplete: false, staysStopped: false });
  condition.change({ state: 'running', activity: null });
}
