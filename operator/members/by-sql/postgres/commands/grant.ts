import { writeBarrier } from '#database/postgres/sessions/durable-write.ts';
import { positions } from '../../carry-out.ts';
import { requireRole } from '../../require-role.ts';
import { WATCHFUL } from '../settings.ts';
import type { PostgresHandler } from '../sql-context.ts';
import { settle } from './settle.ts';

/**
 * Opens the primary to writing. A barrier comes first: what a server shows after a start, or a recovery from a crash, may be
 * on no replica. Without the acknowledgement of its synchronous set it stays shut.
 */
export const grant: PostgresHandler<'grant'> = async (_, context) => {
  const { server, signal, vouch } = context;
  const { facts } = await requireRole(context, 'primary');
  await server.durably(signal, writeBarrier);
  await settle(context);
  await server.configure({ ...WATCHFUL, default_transaction_read_only: 'off' }, signal);
  vouch(facts.life);
  return await positions(context);
};
