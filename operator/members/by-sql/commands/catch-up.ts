import { awaitReplayed } from '#database/postgres/replication/replay.ts';
import { requireRole } from '../require-role.ts';
import { positions, type SqlHandler } from '../sql-context.ts';

export const catchUp: SqlHandler<'catchUp'> = async (_, context) => {
  const { server, signal } = context;
  await requireRole(context, 'replica');
  await server.use(signal, (admin) => awaitReplayed(admin, signal));
  return await positions(context);
};
