import { promoteServer } from '#database/postgres/replication/promote.ts';
import { renderSynchronousNames } from '#database/postgres/replication/synchronous-names.ts';
import { positions } from '../../carry-out.ts';
import { requireRole } from '../../require-role.ts';
import { WATCHFUL } from '../settings.ts';
import type { PostgresHandler } from '../sql-context.ts';
import { endMail } from './end-mail.ts';
import { settle } from './settle.ts';

/**
 * Closed first, and with the synchronous set in force, then promoted: nothing that was on its way to a replica is to write to
 * a primary. One that is a primary already only gets the set.
 */
export const promote: PostgresHandler<'promote'> = async (command, context) => {
  const { server, signal, look, vouch } = context;
  const names = renderSynchronousNames(command.synchronous);
  const { observation } = await look();
  if (observation.replication.role === 'primary') {
    await requireRole(context, 'primary');
    await server.configure({ synchronous_standby_names: names }, signal);
    await settle(context);
    return await positions(context);
  }
  await requireRole(context, 'replica');
  const closed = { default_transaction_read_only: 'on', synchronous_standby_names: names };
  await server.configure({ ...WATCHFUL, ...closed, primary_conninfo: '', primary_slot_name: '' }, signal);
  await endMail(context);
  await server.use(signal, (admin) => promoteServer(admin, signal));
  // Nobody waits for it here: a stamp asks the replicas themselves, and the grant has a checkpoint of its own.
  settle({ ...context, signal: AbortSignal.timeout(CHECKPOINT_MS) }).catch(() => undefined);
  // What it shows is what was stamped on the survivors; the stamp that follows is its barrier.
  vouch((await look()).facts.life);
  return await positions(context);
};

/** A checkpoint of a busy server is spread over no more than that. */
const CHECKPOINT_MS = 60_000;
