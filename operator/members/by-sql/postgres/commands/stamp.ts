import { writeEpoch } from '#database/postgres/sessions/durable-write.ts';
import { positions } from '../../carry-out.ts';
import { requireRole } from '../../require-role.ts';
import type { PostgresHandler } from '../sql-context.ts';

export const stamp: PostgresHandler<'stamp'> = async ({ epoch, uidGap }, context) => {
  const { server, signal, member } = context;
  await requireRole(context, 'primary');
  await server.durably(signal, (write) => writeEpoch(write, { epoch, uidGap, member }));
  return await positions(context);
};
