import { renderSynchronousNames } from '#database/postgres/replication/synchronous-names.ts';
import { positions } from '../../carry-out.ts';
import { requireRole } from '../../require-role.ts';
import type { PostgresHandler } from '../sql-context.ts';
import { settle } from './settle.ts';

export const setSynchronous: PostgresHandler<'setSynchronous'> = async ({ synchronous }, context) => {
  const { server, signal } = context;
  await requireRole(context, 'primary');
  await server.configure({ synchronous_standby_names: renderSynchronousNames(synchronous) }, signal);
  await settle(context);
  return await positions(context);
};
