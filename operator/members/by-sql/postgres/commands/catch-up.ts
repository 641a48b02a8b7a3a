import { awaitReplayed } from '#database/postgres/replication/replay.ts';
import { positions } from '../../carry-out.ts';
import { requireRole } from '../../require-role.ts';
import type { PostgresHandler } from '../sql-context.ts';

export const catchUp: PostgresHandler<'catchUp'> = async (_, context) => {
  const { server, signal } = context;
  await requireRole(context, 'replica');
  await server.use(signal, (admin) => awaitReplayed(admin, signal));
  return await positions(context);
};
