import { Impossible } from '#database/impossible.ts';
import type { CommandHandler } from './command-context.ts';
import { requireRunning } from './require-running.ts';

/**
 * Opens the primary to mail. What a fenced primary shows may be on no replica (it restarted after a crash), so a barrier
 * comes first: whatever is visible then has reached the synchronous set. Without the set's acknowledgement it stays shut. The stamp
 * of this epoch is such a barrier, where the same process wrote it for the same set.
 */
export const grant: CommandHandler<'grant'> = async (_, { member, epoch, signal, expiry }) => {
  const { engine, memory, condition, server } = member;
  if (memory.current.incomplete || (await engine.inspect()) !== 'primary') {
    throw new Impossible('NotPrimary', 'this member holds no data of a primary');
  }
  if (memory.current.staysStopped) await memory.update({ staysStopped: false });
  if (condition.current.fence === 'Salvage' && server.running) {
    throw new Impossible('Salvage', 'the server is open for salvage: stop it first');
  }
  await server.start({ signal });
  const isStamped = member.stamped.take(epoch, member);
  if (!isStamped) await requireRunning(member, 'primary', signal);
  if (condition.current.grantedEpoch === null) {
    if (!isStamped) await engine.barrier(AbortSignal.any([signal, expiry]));
    await engine.settle(signal);
    await server.apply('serving', signal).catch(async (error: Error) => {
      // Perhaps half open: shut again, or ended where it does not even do that.
      await server.fence('NoGrant');
      throw error;
    });
  }
  condition.change({ access: 'serving', fence: null, grantedEpoch: epoch });
  // Everybody's from now on.
  await memory.update({ errant: null });
  return {};
};
