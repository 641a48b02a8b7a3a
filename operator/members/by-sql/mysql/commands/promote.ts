import { promoteServer } from '#database/mysql/replication/promote.ts';
import { requireAcknowledgements } from '#database/mysql/replication/semi-sync.ts';
import { positions } from '../../carry-out.ts';
import { requireEpoch } from '../../require-role.ts';
import type { MysqlHandler } from '../context.ts';
import { noteSet } from '../server-note.ts';
import { applySettings, closeAtStart, WATCHFUL } from '../settings.ts';
import { shut } from '../shut.ts';

/**
 * Closed first, then promoted, and opened by a grant: nothing that was on its way to a replica is to write to a primary. For whom its
 * commits wait is in force before anybody may write. One that is a primary already only gets that.
 */
export const promote: MysqlHandler<'promote'> = async ({ synchronous }, context) => {
  const { sessions, signal, look, vouch } = context;
  const { observation, facts } = await requireEpoch(context);
  const isReplica = observation.replication.role === 'replica';
  await sessions.change(signal, async (pair) => {
    const { watcher } = pair;
    await noteSet(watcher, synchronous);
    if (isReplica) {
      await applySettings(watcher, WATCHFUL[facts.flavour]);
      await closeAtStart(watcher);
      await shut(pair, signal);
      await promoteServer(pair, signal);
    }
    // Only then: what a replica had received before would have waited for replicas of its own.
    await requireAcknowledgements(watcher, synchronous.required);
  });
  // What it shows is what was stamped on the survivors; the stamp that follows is its barrier.
  if (isReplica) vouch((await look()).facts.life);
  return await positions(context);
};
