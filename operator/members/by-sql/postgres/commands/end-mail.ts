import { endOlderMailSessions } from '#database/postgres/sessions/mail-sessions.ts';
import type { SqlContext } from '../sql-context.ts';

/** Ends the sessions of mail. New ones begin read-only by then: who comes back can do no harm. */
export async function endMail({ server, signal }: Pick<SqlContext, 'server' | 'signal'>): Promise<void> {
  await server.use(signal, (admin) => endOlderMailSessions(admin, signal));
}
