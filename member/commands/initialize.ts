import { Impossible } from '../engine.ts';
import { type CommandHandler, positions } from './command-context.ts';

/** First server of a new repository. An interrupted attempt is thrown away and begun again. */
export const initialize: CommandHandler<'initialize'> = async (_, { member, signal }) => {
  const { engine, memory, condition, server } = member;
  const data = memory.current.incomplete ? 'empty' : await engine.inspect();
  if (data === 'replica') throw new Impossible('DataExists', 'this member holds the data of a replica');
  if (data === 'empty') {
    condition.change({ state: 'working', activity: { name: 'initializing', progress: null } });
    await server.stop('kill');
    await memory.update({ incomplete: true });
    await engine.removeData();
    condition.change({ state: 'working', activity: { name: 'initializing', progress: null } });
    await memory.update({ upstream: null, detached: false, synchronous: { required: 0, members: [] } });
    await engine.createEmpty((name, progress) => condition.change({ activity: { name, progress } }), signal);
    await server.start({ signal, during: 'working' });
    await engine.furnish(signal);
    await memory.update({ incomplete: false, staysStopped: false });
    condition.change({ state: 'running', activity: null });
  }
  await server.start({ signal });
  return await positions(member, signal);
};
