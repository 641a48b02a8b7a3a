import type { Client } from 'pg';
import { roles } from '#database/postgres/roles.ts';
import { poll } from '../poll.ts';

const POLL_MS = 5;

const LIST = `SELECT wait_event FROM pg_stat_activity WHERE usename = '${roles.mail}'`;

/**
 * A session that waits for its synchronous replica has committed on this server. Ending it, or cancelling it, would end
 * the wait: its transaction becomes visible here while no replica has it (and a cancelled one even reports success).
 */
const END = `
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE usename = '${roles.mail}' AND wait_event IS DISTINCT FROM 'SyncRep'`;

/** Ends every session of the mail role, unless one of them waits in COMMIT. New ones must be refused already. */
export async function endMailSessions(admin: Client, signal: AbortSignal): Promise<'ended' | 'commitWaiting'> {
  return await poll(POLL_MS, signal, async () => {
    const sessions = (await admin.query<{ wait_event: string | null }>(LIST)).rows;
    if (sessions.length === 0) return 'ended';
    if (sessions.some((session) => session.wait_event === 'SyncRep')) return 'commitWaiting';
    await admin.query(END);
    return null;
  });
}
