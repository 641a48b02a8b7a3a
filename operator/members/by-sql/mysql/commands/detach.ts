import { awaitApplied } from '#database/mysql/replication/applier.ts';
import { stopReceiver } from '#database/mysql/replication/receiver.ts';
import { stopApplier } from '#database/mysql/replication/stop-applier.ts';
import { positions } from '../../carry-out.ts';
import { requireRole } from '../../require-role.ts';
import type { MysqlHandler } from '../context.ts';
import { followNobody, NOBODY } from '../detached.ts';
import { noteDrained } from '../level.ts';

/**
 * For good: what the server starts with next time does not attach it either. What was received is applied before: neither server
 * keeps it over that, and it may have been acknowledged.
 */
export const detach: MysqlHandler<'detach'> = async (_, context) => {
  const { sessions, signal } = context;
  await requireRole(context, 'replica');
  await sessions.change(signal, async (pair) => {
    await stopReceiver(pair, signal);
    await awaitApplied(pair.waiter, signal);
    const { facts } = await context.look();
    if (facts.upstream?.user === NOBODY.user) return;
    await stopApplier(pair.waiter);
    await noteDrained(pair.watcher, facts);
    await followNobody(pair.waiter);
  });
  return await positions(context);
};
