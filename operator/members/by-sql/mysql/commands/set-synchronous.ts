import { requireAcknowledgements } from '#database/mysql/replication/semi-sync.ts';
import { positions } from '../../carry-out.ts';
import { requireRole } from '../../require-role.ts';
import type { MysqlHandler } from '../context.ts';
import { noteSet } from '../server-note.ts';

/** To require fewer answers those that wait: so it is asked for after the record says so. */
export const setSynchronous: MysqlHandler<'setSynchronous'> = async ({ synchronous }, context) => {
  const { sessions, signal } = context;
  await requireRole(context, 'primary');
  await sessions.change(signal, async ({ watcher }) => {
    await noteSet(watcher, synchronous);
    await requireAcknowledgements(watcher, synchronous.required);
  });
  return await positions(context);
};
