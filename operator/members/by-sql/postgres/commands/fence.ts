import { positions } from '../../carry-out.ts';
import type { PostgresHandler } from '../sql-context.ts';
import { endMail } from './end-mail.ts';

/**
 * Every transaction that begins from now on is read-only, and those under way are ended. imapd asks for no other kind, so
 * for imapd this is as good as a closed door; the door itself, pg_hba.conf, is out of SQL's reach. Also for a server that was
 * opened for salvage: what is shut out is writing.
 */
export const fence: PostgresHandler<'fence' | 'openForSalvage'> = async (_, context) => {
  const { server, signal } = context;
  await server.configure({ default_transaction_read_only: 'on' }, signal);
  await endMail(context);
  return await positions(context);
};
