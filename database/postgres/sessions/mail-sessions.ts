import type { Client } from 'pg';
import { poll } from '#runtime/poll.ts';
import { roles } from '../../roles.ts';

const POLL_MS = 5;
/** A replica that is there acknowledges within milliseconds; one that has not by now is away. */
const ACKNOWLEDGED_MS = 250;

const LIST = {
  name: 'mail-sessions',
  text: `SELECT wait_event FROM pg_stat_activity
WHERE usename = '${roles.mail}' AND backend_start < $1::timestamptz`,
};

/**
 * A session that waits for its synchronous replica has committed on this server. Ending it, or cancelling it, would end
 * the wait: its transaction becomes visible here while no replica has it (and a cancelled one even reports success).
 */
const END = `
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE usename = '${roles.mail}' AND wait_event IS DISTINCT FROM 'SyncRep' AND backend_start < $1::timestamptz`;

/**
 * Ends every session of the mail role, unless one of them waits in COMMIT, and goes on to. New ones must be refused already.
 */
export async function endMailSessions(admin: Client, signal: AbortSignal): Promise<'ended' | 'commitWaiting'> {
  const patience = AbortSignal.timeout(ACKNOWLEDGED_MS);
  return await poll(POLL_MS, signal, async () => {
    const waits = await endRound(admin, 'infinity');
    if (waits.length === 0) return 'ended';
    return patience.aborted && waits.includes('SyncRep') ? 'commitWaiting' : null;
  });
}

/**
 * Ends the sessions of the mail role that there are, where new ones can be let in: whoever comes back can do no harm. One that
 * waits in COMMIT is left to it, and can write nothing more, since it does not return; it is ended if it does meanwhile.
 */
export async function endOlderMailSessions(admin: Client, signal: AbortSignal): Promise<void> {
  const [now] = (await admin.query<{ at: string }>('SELECT clock_timestamp()::text AS at')).rows;
  await poll(POLL_MS, signal, async () => {
    const waits = await endRound(admin, now?.at ?? 'infinity');
    return waits.every((wait) => wait === 'SyncRep') ? true : null;
  });
}

/** What the sessions that began before were waiting for; those that may be ended have been told to end. */
async function endRound(admin: Client, before: string): Promise<readonly (string | null)[]> {
  const sessions = (await admin.query<{ wait_event: string | null }>({ ...LIST, values: [before] })).rows;
  if (sessions.length > 0) await admin.query(END, [before]);
  return sessions.map(({ wait_event }) => wait_event);
}
