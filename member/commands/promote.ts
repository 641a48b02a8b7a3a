import { Impossible } from '#database/impossible.ts';
import { type CommandHandler, positions } from './command-context.ts';

/**
 * Closed first, and with the synchronous set in force, then promoted: sessions that read from the replica would find
 * themselves writing to a primary.
 */
export const promote: CommandHandler<'promote'> = async (command, { member, signal }) => {
  const { engine, memory, condition, server } = member;
  const { state, grantedEpoch, fence } = condition.current;
  if (state !== 'running') throw new Impossible('NotRunning', `the server is ${state}`);
  const { role } = (await engine.observe(signal)).replication;
  member.stamped.forget();
  const serving = role === 'primary' && grantedEpoch !== null;
  // Written once, and before: afterwards everybody waits for it. Without an upstream a replica attaches to nobody either.
  await memory.update({ synchronous: command.synchronous, upstream: null, detached: false, staysStopped: false });
  if (!serving) {
    await server.apply('closed', signal);
    condition.change({ access: 'closed', fence: fence ?? 'NoGrant' });
    await engine.endMailSessions(signal);
  } else {
    await server.apply('serving', signal);
  }
  await engine.promote(signal);
  if (serving) await engine.settle(signal);
  return await positions(member, signal);
};
