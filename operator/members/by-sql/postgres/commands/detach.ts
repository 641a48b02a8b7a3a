import { awaitReceiverGone } from '#database/postgres/replication/wal-receiver.ts';
import { positions } from '../../carry-out.ts';
import { requireRole } from '../../require-role.ts';
import type { PostgresHandler } from '../sql-context.ts';

/** For good: what the server starts with next time does not attach it either. */
export const detach: PostgresHandler<'detach'> = async (_, context) => {
  const { server, signal } = context;
  await requireRole(context, 'replica');
  await server.configure({ primary_conninfo: '', primary_slot_name: '' }, signal);
  await server.use(signal, (admin) => awaitReceiverGone(admin, { signal }));
  return await positions(context);
};
