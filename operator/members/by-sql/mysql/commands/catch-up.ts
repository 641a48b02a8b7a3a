import { awaitApplied } from '#database/mysql/replication/applier.ts';
import { positions } from '../../carry-out.ts';
import { requireRole } from '../../require-role.ts';
import type { MysqlHandler } from '../context.ts';

export const catchUp: MysqlHandler<'catchUp'> = async (_, context) => {
  const { sessions, signal } = context;
  await requireRole(context, 'replica');
  await sessions.use(signal, (admin) => awaitApplied(admin, signal));
  return await positions(context);
};
